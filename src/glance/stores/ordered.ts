/** Runs one piece of work after another, in the order of the calls. After a failure nothing more runs. */
export function inOrder(): (work: () => Promise<void>) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (work) => {
    last = last.then(work);
    last.catch(() => undefined); // the caller of the failing piece hears of it; so does whoever comes after
    return last;
  };
}
