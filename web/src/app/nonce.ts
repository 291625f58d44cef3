/** What the page's content security policy asks of style elements; made anew by the server for each page. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
