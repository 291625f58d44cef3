import type { ConsoleEndpoint } from './driver.ts';

/** Sends `words` until they come back: a guest that is still starting hears nothing. Gives up after some seconds. */
const CONVERSE = `
const [host, port, words] = process.argv.slice(1);
const socket = require('node:net').connect(Number(port), host);
let heard = '';
const end = () => { process.stdout.write(heard); process.exit(0); };
const say = () => socket.write(words);
socket.on('connect', say).on('error', end).on('close', end).on('data', (chunk) => {
  heard += chunk;
  if (heard.includes(words)) socket.end(), end();
});
setInterval(say, 5000);
setTimeout(end, 20000);
`;

/** A program that talks with a guest over its serial console and prints what the guest says. */
export const converseArgv = ({ host, port }: ConsoleEndpoint, words: string): string[] => [
  process.execPath,
  '-e',
  CONVERSE,
  host,
  String(port),
  words,
];
