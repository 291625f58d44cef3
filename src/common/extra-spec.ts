const number = (text: string): number => (text.trim() === '' ? NaN : Number(text));

const isTrue = (text: string): boolean => /^(true|1|t|yes|y|on)$/i.test(text);

/**
 * OpenStack's little language of extra specs: `>= 4`, `s== text`, `<is> True`, `<in> part`, `<or> a <or> b`; a plain value must be equal.
 * @param actual what the host, the aggregate or the back end has
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
    case '<is>':
      return isTrue(actual) === isTrue(operand);
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
