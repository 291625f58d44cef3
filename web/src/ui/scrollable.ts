/** For `Table.ScrollContainer`: lets the keyboard scroll a table that is wider than its place. `label` as the table's. */
export const scrollable = (label: string) => ({
  scrollAreaProps: { viewportProps: { tabIndex: 0, role: 'group', 'aria-label': label } },
});
