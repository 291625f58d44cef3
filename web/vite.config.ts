import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compressed } from './vite-compressed.ts';

const folder = (name: string): string => fileURLToPath(new URL(`./src/${name}`, import.meta.url));

export default defineConfig({
  base: '/dashboard/',
  plugins: [react(), compressed()],
  resolve: {
    alias: {
      '#api': folder('api'),
      '#app': folder('app'),
      '#ui': folder('ui'),
      '#i18n': folder('i18n'),
      '#screens': folder('screens'),
    },
  },
  build: {
    target: 'es2023',
    // The server's policy allows neither inline scripts nor data: fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  // `npm run dev` beside a running cloud.
  server: { proxy: { '/dashboard/api': { target: process.env['IGLOO_API'] ?? 'http://127.0.0.1:8080', ws: true } } },
});
