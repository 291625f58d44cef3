/** A limit as it is being typed. */
export interface LimitDraft {
  readonly text: string;
  readonly unlimited: boolean;
}
export const EMPTY: LimitDraft = { text: '', unlimited: false };

export const draftOf = (limit: number): LimitDraft =>
  limit < 0 ? { text: '', unlimited: true } : { text: String(limit), unlimited: false };
