const number = (text: string): number => (text.trim() === '' ? NaN : Number(text));

/**
 * OpenStack's little language of extra specs: `>= 4`, `s== text`, `<in> part`, `<or> a <or> b`; a plain value must be equal.
 * @param actual what the host or the aggregate has
 */
export function matchesSpec(actual: string, wanted: string): boolean {
  const [word = '', ...rest] = wanted.trim().split(/\s+/);
  const operand = rest.join(' ');
  switch (word) {
    case '=':
    case '>=':
      return number(actual) >= number(operand);
    case '==':
      return number(actual) === number(operand);
    case '!=':
      return number(actual) !== number(operand);
    case '<=':
      return number(actual) <= number(operand);
    case '<':
      return number(actual) < number(operand);
    case '>':
      return number(actual) > number(operand);
    case 's==':
      return actual === operand;
    case 's!=':
      return actual !== operand;
    case 's<':
      return actual < operand;
    case 's<=':
      return actual <= operand;
    case 's>':
      return actual > operand;
    case 's>=':
      return actual >= operand;
    case '<in>':
      return actual.includes(operand);
    case '<all-in>':
      return rest.every((part) => actual.includes(part));
    case '<or>':
      return operand.split('<or>').some((part) => part.trim() === actual);
    default:
      return actual === wanted.trim();
  }
}
