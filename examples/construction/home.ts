import type { Auth } from 'holdfast/express'

/** A page that says what this is and where to go; everything else is JSON. */
export function homePage(auth: Auth | undefined): string {
  const who = auth
    ? `<p>You are signed in. Your roles: <strong>${auth.roles.join(', ')}</strong>.</p>
<p><a href="/account">Your account</a> · <a href="/api/projects">Your projects, as JSON</a></p>`
    : '<p><a href="/account/sign-in">Sign in</a></p>'
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Holdfast Construction</title>
<h1>Holdfast Construction</h1>
<p>Projects and tasks of a building company, protected by Holdfast.</p>
${who}
</html>
`
}
