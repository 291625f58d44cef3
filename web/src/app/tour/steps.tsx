export const Steps = ({ step }: { readonly step: number }) => <span hidden>{step}</span>;
