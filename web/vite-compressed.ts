import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** Writes a .gz and a .br beside every script and style, so that the server never compresses. */
export const compressed = (): Plugin => ({
  name: 'igloo-compressed',
  apply: 'build',
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      const text = file.type === 'chunk' ? file.code : file.source;
      if (!/\.(js|css|svg)$/.test(file.fileName) || text.length < 1024) continue;
      const bytes = Buffer.from(text as string);
      this.emitFile({ type: 'asset', fileName: `${file.fileName}.gz`, source: gzipSync(bytes, { level: 9 }) });
      this.emitFile({
        type: 'asset',
        fileName: `${file.fileName}.br`,
        source: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
      });
    }
  },
});
