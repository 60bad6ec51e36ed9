import { createHash } from 'node:crypto';

const STYLE = `
:root { color-scheme: light dark; --accent: #1d4ed8; --on-accent: #fff; --fault: #b3261e; font: 100%/1.5 system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { :root { --accent: #a8c7fa; --on-accent: #062e6f; --fault: #f2b8b5; } }
body { margin: 0; padding: 1.5rem; }
main { max-width: 22rem; margin: 8vh auto 0; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; }
form { display: grid; gap: 0.25rem; margin: 1.5rem 0; }
label { margin-top: 0.75rem; font-weight: 600; }
input, button { box-sizing: border-box; width: 100%; min-height: 3rem; padding: 0.5rem 0.75rem; border-radius: 0.5rem; font: inherit; }
input { border: 1px solid GrayText; background: Field; color: FieldText; }
input[aria-invalid] { border-color: var(--fault); }
button { margin-top: 1.5rem; border: 0; background: var(--accent); color: var(--on-accent); font-weight: 600; cursor: pointer; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
[role=alert] { margin: 1rem 0 0; padding: 0.75rem; border-left: 4px solid; color: var(--fault); }
`;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/**
 * What a page of ours may do: show itself, and send its form here and on to `formTarget`. No script, no other host, no
 * frame around it (RFC 9700 §4.16).
 */
export function contentSecurityPolicy(formTarget: string | null): string {
  const form = formTarget === null ? "'none'" : `'self' ${formTarget}`;
  return [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    `form-action ${form}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export interface SignInPage {
  readonly clientName: string;
  /** The hidden part of the form. */
  readonly token: string;
  /** What was typed before, or what the app thinks will be. */
  readonly login: string;
  /** What went wrong the last time. */
  readonly fault: string | null;
  /** Leads back to the app without signing in. */
  readonly cancelUrl: string;
}

/** The page on which somebody signs in for an app. The first field to be filled, or filled again, has the focus. */
export function renderSignIn({ clientName, token, login, fault, cancelUrl }: SignInPage): string {
  const described = fault === null ? '' : ' aria-invalid="true" aria-describedby="fault"';
  const focus = (wanted: boolean) => (wanted ? ' autofocus' : '');
  return page(
    `${fault === null ? '' : 'Error: '}Sign in to continue to ${clientName}`,
    `<h1>Sign in</h1>
<p>to continue to <strong>${escapeHtml(clientName)}</strong></p>
${fault === null ? '' : `<p id="fault" role="alert">${escapeHtml(fault)}</p>`}
<form method="post">
<input type="hidden" name="request" value="${escapeHtml(token)}">
<label for="login">E-mail address or handle</label>
<input id="login" name="login" type="text" value="${escapeHtml(login)}" autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false" maxlength="254" required${described}${focus(login === '')}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${described}${focus(login !== '')}>
<button type="submit">Sign in</button>
</form>
<p><a href="${escapeHtml(cancelUrl)}">Cancel and go back</a></p>`,
  );
}

/** A page for somebody who cannot be sent back to any app. */
export function renderDeadEnd(message: string): string {
  return page('Signing in is not possible', `<h1>Signing in is not possible</h1>\n<p>${escapeHtml(message)}</p>`);
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
