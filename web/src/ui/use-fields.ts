import { useCallback, useState } from 'react';

/** A form's values and how to change one. */
export interface Fields<V> {
  readonly values: V;
  readonly set: <K extends keyof V>(name: K, value: V[K]) => void;
  readonly setAll: (values: V) => void;
  /** For text inputs: `<TextInput {...fields.text('name')} />`. */
  readonly text: <K extends keyof V>(
    name: K,
  ) => {
    readonly value: string;
    readonly onChange: (event: { readonly currentTarget: { readonly value: string } }) => void;
  };
  /** For checkboxes and switches. */
  readonly check: <K extends keyof V>(
    name: K,
  ) => {
    readonly checked: boolean;
    readonly onChange: (event: { readonly currentTarget: { readonly checked: boolean } }) => void;
  };
}

export function useFields<V extends object>(initial: V | (() => V)): Fields<V> {
  const [values, setAll] = useState<V>(initial);
  const set = useCallback(
    <K extends keyof V>(name: K, value: V[K]) => setAll((old) => ({ ...old, [name]: value })),
    [],
  );
  return {
    values,
    set,
    setAll,
    text: (name) => ({
      value: values[name] as string,
      onChange: (event) => set(name, event.currentTarget.value as never),
    }),
    check: (name) => ({
      checked: values[name] as boolean,
      onChange: (event) => set(name, event.currentTarget.checked as never),
    }),
  };
}
