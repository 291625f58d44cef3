import { language, useLanguage, type Language } from './language.ts';

/** A text, or one made of values: `(name: string) => `Delete ${name}``. */
type Entry = string | ((...values: never[]) => string);
export type Texts = Readonly<Record<string, Entry>>;

/** The same keys with the same values, in another language. */
type Translation<E extends Texts> = {
  readonly [K in keyof E]: E[K] extends (...values: infer V) => string ? (...values: V) => string : string;
};
export type Catalogue<E extends Texts> = Readonly<Record<Language, Translation<E>>>;

/**
 * The texts of one part of the console. English says which keys there are; a key that Chinese lacks, has too many of, or
 * that takes other values does not compile.
 */
export const catalogue = <const E extends Texts>(en: E, zhCN: NoInfer<Translation<E>>): Catalogue<E> => ({
  en: en as unknown as Translation<E>,
  'zh-CN': zhCN,
});

/** The part's texts in the reader's language: `const t = useText(texts); t.title`. */
export const useText = <E extends Texts>(texts: Catalogue<E>): Translation<E> => texts[useLanguage()];

/** Outside components. */
export const textOf = <E extends Texts>(texts: Catalogue<E>): Translation<E> => texts[language()];
