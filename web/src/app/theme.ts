import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

/** Ice: quiet blue-greens; dark enough in light mode for text upon white (WCAG AA). */
const ice: MantineColorsTuple = [
  '#e6f8fb',
  '#d1eef3',
  '#a4dde7',
  '#73cbda',
  '#4dbbcf',
  '#36b1c8',
  '#1b98b0',
  '#0b7a90',
  '#076577',
  '#03505f',
];

const fonts =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";

export const theme = createTheme({
  primaryColor: 'ice',
  primaryShade: { light: 8, dark: 7 },
  colors: { ice },
  fontFamily: fonts,
  fontFamilyMonospace: "ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace",
  headings: { fontFamily: fonts, fontWeight: '650' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
});

/** Mantine's own greys for secondary text, its red of errors, and its greens and oranges on their light grounds, are too pale for WCAG AA. */
export const contrast: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#566069',
    '--mantine-color-placeholder': '#69737c',
    '--mantine-color-error': '#c92a2a',
    '--mantine-color-teal-light-color': '#066649',
    '--mantine-color-orange-light-color': '#a63705',
    '--igloo-page': '#f7f9fa',
  },
  dark: {
    '--mantine-color-dimmed': '#a9b3bb',
    '--mantine-color-placeholder': '#98a2aa',
    '--mantine-color-error': '#ff8787',
    '--igloo-page': '#1a1b1e',
  },
});
