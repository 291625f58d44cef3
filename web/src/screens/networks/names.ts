/** Things of the network may have no name: then the beginning of the id, as the clients write it. */
export const called = ({ id, name }: { readonly id: string; readonly name: string }): string =>
  name === '' ? `(${id.slice(0, 8)})` : name;
