import type { PageTexts } from './english.ts'

/** German words for codes of the API that speak of a field or of a form. */
export const germanFaults: PageTexts['faults'] = {
  email_invalid: 'Geben Sie genau eine E-Mail-Adresse ein, wie name@example.com.',
  email_unsupported: 'Vor dem @ können nur einfache Buchstaben und Ziffern stehen.',
  username_invalid: 'Das ist zu kurz, zu lang oder enthält ein anderes Zeichen.',
  username_taken: 'Diesen Benutzernamen hat schon jemand. Wählen Sie einen anderen.',
  password_required: 'Wählen Sie ein Passwort.',
  password_wrong: 'Das ist nicht Ihr aktuelles Passwort.',
  password_unchanged: 'Das ist schon Ihr Passwort. Wählen Sie ein anderes.',
  email_unchanged: 'Das ist schon Ihre Adresse.',
  account_changed:
    'Am Konto hat sich inzwischen etwas geändert. Sehen Sie nach und versuchen Sie es noch einmal.',
  link_invalid: 'Dieser Link gilt nicht mehr.',
  invalid_credentials: 'Name oder Passwort ist falsch, oder das Konto kann nicht benutzt werden.',
  rate_limited: 'Es waren zu viele Versuche.',
  password_queue_full: 'Gerade melden sich sehr viele an.',
  factor_rejected: 'Das wurde nicht angenommen.',
  flow_invalid: 'Das hat zu lange gedauert oder wurde zu oft versucht.',
  totp_not_started: 'Es gibt keinen QR-Code, der auf einen Code wartet. Beginnen Sie neu.',
  passkey_rejected: 'Dieser Passkey wurde nicht angenommen.',
  passkey_known: 'Dieser Passkey ist schon registriert.',
  factor_required:
    'Für Ihr Konto wird die Bestätigung in zwei Schritten verlangt, und das ist Ihr einziger Weg. Fügen Sie erst einen anderen hinzu.',
  factor_missing:
    'Die Bestätigung in zwei Schritten ist nicht eingerichtet. Richten Sie sie erst ein.',
  totp_not_enabled: 'Es ist keine Authentifizierungs-App eingerichtet.',
  too_many_passkeys: 'Sie haben so viele Passkeys, wie es geben kann. Entfernen Sie erst einen.',
  password_invalid: 'Das Passwort enthält ein beschädigtes Zeichen. Tippen Sie es noch einmal.',
  password_too_short: 'Das Passwort ist zu kurz.',
  password_too_long: 'Das Passwort ist zu lang.',
  password_common: 'Dieses Passwort benutzen sehr viele. Angreifer versuchen solche zuerst.',
  password_breached:
    'Dieses Passwort ist aus einem Datenleck bekannt. Nehmen Sie eines, das Sie sonst nirgends benutzen.',
  password_guessable:
    'Dieses Passwort ist leicht zu erraten. Nehmen Sie einige Wörter, die nichts miteinander zu tun haben.',
  last_super_admin:
    'Das ist das letzte Konto mit allen Rechten. Geben Sie sie erst jemand anderem.',
}

/** German words for whole problems, by code. */
export const germanProblems: PageTexts['problems'] = {
  invalid_request: { title: 'Ungültige Anfrage', detail: 'Die Anfrage ist nicht wie erwartet.' },
  unknown_field: {
    title: 'Unbekanntes Feld',
    detail: 'Die Anfrage enthält ein Feld, das diese Seite nicht kennt.',
  },
  not_found: { title: 'Nicht gefunden', detail: 'Unter dieser Adresse gibt es nichts.' },
  session_not_found: {
    title: 'Sitzung nicht gefunden',
    detail: 'Eine solche Sitzung haben Sie nicht; vielleicht ist sie schon beendet.',
  },
  device_not_found: {
    title: 'Gerät nicht gefunden',
    detail: 'Ein solches Gerät kennen wir nicht; vielleicht ist es schon vergessen.',
  },
  session_revoked: {
    title: 'Sitzung beendet',
    detail: 'Diese Sitzung ist beendet. Melden Sie sich noch einmal an.',
  },
  token_expired: {
    title: 'Sitzung abgelaufen',
    detail: 'Ihre Sitzung ist abgelaufen. Melden Sie sich noch einmal an.',
  },
  csrf_refused: {
    title: 'Fremdes Formular',
    detail:
      'Dieses Formular kam nicht von unserer eigenen Seite. Laden Sie sie neu und versuchen Sie es noch einmal.',
  },
  step_up_required: {
    title: 'Bitte bestätigen Sie, dass Sie es sind',
    detail:
      'Nichts wurde geändert. Was Sie eingegeben haben, wurde nicht aufbewahrt: Bestätigen Sie erst, und geben Sie es dann noch einmal ein.',
  },
  passkey_not_found: {
    title: 'Passkey nicht gefunden',
    detail: 'Einen solchen Passkey haben Sie nicht; vielleicht ist er schon entfernt.',
  },
  rate_limited: { title: 'Zu viele Anfragen', detail: 'Es waren zu viele Anfragen.' },
  internal_error: {
    title: 'Fehler bei uns',
    detail: 'Auf unserer Seite ist etwas schiefgegangen. Die Nummer der Anfrage hilft uns.',
  },
  unavailable: {
    title: 'Gerade nicht möglich',
    detail: 'Die Anfrage konnte nicht entschieden werden, und nichts wurde geändert.',
  },
}
