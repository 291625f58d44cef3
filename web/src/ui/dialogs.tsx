import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from 'react';

/** Opens a dialog from anywhere: a row's menu, the palette, a key. `make` is given what closes it. */
export type OpenDialog = (make: (close: () => void) => ReactNode) => void;

const Context = createContext<OpenDialog>(() => undefined);
export const useDialog = (): OpenDialog => useContext(Context);

/** Holds the open dialogs; the last one opened lies on top. */
export function DialogHost({ children }: { readonly children: ReactNode }) {
  const [open, setOpen] = useState<readonly { readonly id: number; readonly make: Parameters<OpenDialog>[0] }[]>([]);
  const push = useCallback<OpenDialog>(
    (make) => setOpen((list) => [...list, { id: (list.at(-1)?.id ?? 0) + 1, make }]),
    [],
  );
  const dialogs = useMemo(
    () =>
      open.map(({ id, make }) => (
        <Slot key={id} make={make} close={() => setOpen((list) => list.filter((one) => one.id !== id))} />
      )),
    [open],
  );
  return (
    <Context.Provider value={push}>
      {children}
      {dialogs}
    </Context.Provider>
  );
}

const Slot = ({ make, close }: { readonly make: Parameters<OpenDialog>[0]; readonly close: () => void }) => make(close);
