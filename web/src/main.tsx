import './app/styles.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { loadSession } from '#api/session.ts';
import { language } from '#i18n/language.ts';
import { App } from './app/app.tsx';
import { nonce } from './app/nonce.ts';

document.documentElement.lang = language();
// Mantine's dialogs lock the page's scrolling by a style element, through a library that takes the nonce from here.
Object.assign(globalThis, { __webpack_nonce__: nonce });
const place = document.getElementById('root');
if (!place) throw new Error('The page has no root');
const typed = new FormData(place.querySelector('form') ?? undefined);
void loadSession();
createRoot(place).render(
  <StrictMode>
    <App typed={{ username: String(typed.get('username') ?? ''), password: String(typed.get('password') ?? '') }} />
  </StrictMode>,
);
