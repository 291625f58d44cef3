import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError } from '#common/api/errors.ts';
import { defaultSettings, type Image } from './image.ts';
import { metaHeaders, parseMetaHeaders } from './headers-v1.ts';

const image = (settings: Partial<Image>): Image => ({
  ...defaultSettings,
  id: 'i',
  status: 'queued',
  size: null,
  virtualSize: null,
  checksum: null,
  hashAlgorithm: null,
  hashValue: null,
  createdAt: '2014-10-15T12:25:50.000000',
  updatedAt: '2014-10-15T12:25:50.000000',
  deletedAt: null,
  locations: [],
  importingTo: null,
  failedImport: null,
  importTask: null,
  ...settings,
});

describe('x-image-meta headers', () => {
  it('carry any name and property there and back', () => {
    const text = fc
      .string({ unit: 'grapheme', maxLength: 50 })
      .filter((one) => !/[\u0000-\u001f\u007f\ufffd]/.test(one)); // eslint-disable-line no-control-regex
    fc.assert(
      fc.property(text, text, fc.boolean(), fc.nat(2 ** 31 - 1), (name, value, isProtected, minRam) => {
        const sent = metaHeaders(image({ name, protected: isProtected, minRam, properties: { some_key: value } }));
        const { settings } = parseMetaHeaders(sent);
        expect(settings).toMatchObject({ name, protected: isProtected, minRam, properties: { some_key: value } });
      }),
    );
  });

  it('never carry a line break', () => {
    const sent = metaHeaders(image({ name: 'a\r\nx-evil: 1', properties: { 'bad name': 'x', ok: 'a\nb' } }));
    expect(Object.values(sent).join('')).not.toMatch(/[\r\n]/);
    expect(sent).not.toHaveProperty('x-image-meta-property-bad name');
  });

  it('are refused with a 400, never otherwise, whatever they say', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (fields) => {
        const headers = Object.fromEntries(
          Object.entries(fields).map(([name, value]) => [`x-image-meta-${name}`, value]),
        );
        try {
          parseMetaHeaders(headers);
        } catch (error) {
          expect(error).toBeInstanceOf(ApiError);
          expect((error as ApiError).status).toBe(400);
        }
      }),
    );
  });

  it('spell with dashes or underscores', () => {
    expect(parseMetaHeaders({ 'x-image-meta-disk-format': 'raw', 'x-image-meta-min_disk': '3' }).settings).toEqual({
      diskFormat: 'raw',
      minDisk: 3,
    });
  });
});
