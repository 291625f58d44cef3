import { setTimeout as sleep } from 'node:timers/promises';
import type { Command, Expect } from './commands.ts';
import { effectsOf, rootPassword } from './effects.ts';
import { problemsOf, valueIn } from './expectation.ts';
import type { Host, Typed } from './host.ts';
import { fill } from './placeholders.ts';
import { stepOf, type Step } from './plan.ts';
import type { Stage } from './stage.ts';

export interface Result {
  readonly command: Command;
  readonly outcome: 'passed' | 'replaced' | 'skipped' | 'failed';
  /** Why it was replaced or skipped; what was wrong. */
  readonly reason: string;
  /** What was typed, and what came, of a failure. */
  readonly line?: string;
  readonly got?: string;
  readonly seconds: number;
}

export interface Replay {
  /** Plays one command and judges it. Values that it gives are kept for later ones. */
  play(command: Command): Promise<Result>;
}

/** Seconds that an effect may take to show. */
const effectLimit = 20;

/** @param refs values that are known from the start; those that commands give are added */
export function createReplay(stage: Stage, refs: Map<string, string>): Replay {
  async function play(command: Command): Promise<Result> {
    const began = performance.now();
    const done = (outcome: Result['outcome'], reason: string, more: Partial<Result> = {}): Result => ({
      command,
      outcome,
      reason,
      seconds: (performance.now() - began) / 1000,
      ...more,
    });
    const step = stepOf(command);
    const excuse = step.skip ?? stage.excuse(command);
    if (excuse !== undefined) return done('skipped', excuse);
    let line = command.command;
    try {
      line = fill(step.command ?? command.command, refs);
      for (const host of await stage.hostsOf(command)) {
        const failure = await playAt(host, command, step, line);
        if (failure) return done('failed', failure.why, { line, got: failure.got });
      }
      return step.replaced === undefined ? done('passed', '') : done('replaced', step.replaced);
    } catch (error) {
      return done('failed', (error as Error).message, { line });
    }
  }

  async function playAt(
    host: Host,
    command: Command,
    step: Step,
    line: string,
  ): Promise<{ why: string; got: string } | undefined> {
    if (step.before !== undefined) await host.type(fill(step.before, refs));
    const expect: Expect = { ...command.expect, ...step.expect };
    const known = { refs, hostOf: stage.hostOf, host: host.name };
    const deadline = performance.now() + (step.within ?? 0) * 1000;
    for (;;) {
      const [typed] = await Promise.all([execute(host, command, step, line), beside(command, step)]);
      const problems = problemsOf(expect, typed, known);
      if (problems.length === 0) {
        const made = keep(command, typed);
        const missing = await missingEffect(host, command, line, made);
        return missing === undefined ? undefined : { why: `its effect is missing: ${missing}`, got: output(typed) };
      }
      if (performance.now() > deadline) return { why: problems.join('; '), got: output(typed) };
      await sleep(500);
    }
  }

  async function beside(command: Command, { beside: other }: Step): Promise<void> {
    if (!other) return;
    const [host] = await stage.hostsOf({ ...command, host: other.host });
    await sleep(1000); // until the other is listening
    await host?.aside(other.line);
  }

  /** An edit is the editor's work; a statement is typed at mysql's prompt; all else at the shell's. */
  async function execute(host: Host, command: Command, step: Step, line: string): Promise<Typed> {
    const { config, file, kind } = command;
    if (/^(vim|edit) /.test(line)) {
      const section = config?.section ? [`[${config.section}]`] : [];
      const lines = config ? [...section, `${config.option} = ${config.value}`] : [];
      return edit(host, file ?? { path: config?.file ?? '', content: lines.join('\n') });
    }
    if (kind === 'db' && line.endsWith(';'))
      return host.type(`mysql -uroot -p${rootPassword} -vvv`, { input: `${line}\n` });
    return host.type(line, { input: step.input, timeoutMs: 180_000 });
  }

  function keep({ binds = {} }: Command, { stdout }: Typed): string | undefined {
    let made: string | undefined;
    for (const [name, field] of Object.entries(binds)) {
      const value = valueIn(stdout, field);
      if (value !== undefined) refs.set(name, (made = value));
    }
    return made ?? valueIn(stdout, 'id');
  }

  async function missingEffect(
    host: Host,
    command: Command,
    line: string,
    made: string | undefined,
  ): Promise<string | undefined> {
    const deadline = performance.now() + effectLimit * 1000;
    for (const effect of effectsOf(command, line)) {
      const check = fill(effect.replaceAll('<made>', made ?? ''), refs);
      while ((await host.type(check)).status !== 0) {
        if (performance.now() > deadline) return check;
        await sleep(500);
      }
    }
    return undefined;
  }
  return { play };
}

const output = ({ stdout, stderr, status }: Typed): string =>
  [stdout.trimEnd(), stderr.trimEnd(), `(exit status ${status})`].filter((part) => part !== '').join('\n');

/** Writes the manual's lines into a file: over what it had of them, into the section that they belong to, or at its end. */
async function edit(host: Host, { path, content }: NonNullable<Command['file']>): Promise<Typed> {
  const lines = content.split('\n').filter((line) => line !== '...'); // what the manual leaves out
  return host.type(`mkdir -p "$(dirname ${path})" && cat >>${path}`, { input: `${lines.join('\n').trimEnd()}\n` });
}
