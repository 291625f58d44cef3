/** An action as the reader calls it; one that is not known keeps Nova's name. */
export function actionName(texts: Readonly<Record<string, unknown>>, action: string): string {
  const name = texts[action];
  return typeof name === 'string' ? name : action;
}
