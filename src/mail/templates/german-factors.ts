import type { FactorMailTexts } from './texts.ts'

const fine = 'Wenn Sie das waren, brauchen Sie nichts zu tun.'
const takesBack =
  'alle Geräte werden abgemeldet, das Konto wird gesperrt, zweite Faktoren, die in den letzten Tagen hinzukamen, werden entfernt, und wir schicken Ihnen eine E-Mail, mit der Sie ein neues Passwort wählen. Der Link funktioniert {lifetime} lang.'

/** The mails that tell of second factors. */
export const germanFactors: FactorMailTexts = {
  'secure-account-factors': {
    subject: 'Holen Sie sich Ihr Konto bei {appName} zurück',
    paragraphs: [
      'Sie haben uns gemeldet, dass jemand anderes in Ihrem Konto bei {appName} war. Wir haben alle Geräte abgemeldet und das Konto gesperrt.',
      'Außerdem haben wir zweite Faktoren entfernt, die in den letzten Tagen hinzukamen oder vielleicht kopiert wurden: {taken}.',
      'Wählen Sie ein neues Passwort, um das Konto wieder zu öffnen.',
    ],
    action: 'Neues Passwort wählen',
    closing: [
      'Der Link funktioniert einmal, {lifetime} lang.',
      'Melden Sie sich danach an, fügen Sie die zweiten Faktoren wieder hinzu, die Ihre waren, und entfernen Sie, was Sie nicht kennen.',
      'Wenn Sie das alte Passwort noch anderswo verwenden, ändern Sie es bitte auch dort.',
    ],
  },
  'notice-totp-added': {
    subject: 'Authenticator-App für {appName} hinzugefügt',
    paragraphs: [
      'Zu Ihrem Konto bei {appName} wurde eine Authenticator-App hinzugefügt. Von jetzt an werden ihre Codes bei der Anmeldung verlangt.',
    ],
    action: 'Das war ich nicht',
    closing: [
      fine,
      `Wenn nicht, benutzen Sie den Link oben: die App wird wieder entfernt, ${takesBack}`,
    ],
  },
  'notice-totp-removed': {
    subject: 'Authenticator-App für {appName} entfernt',
    paragraphs: [
      'Die Authenticator-App wurde aus Ihrem Konto bei {appName} entfernt. Ihre Codes werden bei der Anmeldung nicht mehr verlangt.',
    ],
    action: 'Das war ich nicht',
    closing: [
      fine,
      `Wenn nicht, benutzen Sie den Link oben: ${takesBack}`,
      'Fügen Sie Ihre App danach wieder hinzu.',
    ],
  },
  'notice-passkey-added': {
    subject: 'Passkey für {appName} hinzugefügt',
    paragraphs: [
      'Zu Ihrem Konto bei {appName} wurde ein Passkey hinzugefügt. Wer ihn hat, kann sich damit anmelden.',
    ],
    action: 'Das war ich nicht',
    closing: [
      fine,
      `Wenn nicht, benutzen Sie den Link oben: der Passkey wird wieder entfernt, ${takesBack}`,
    ],
  },
  'notice-passkey-removed': {
    subject: 'Passkey für {appName} entfernt',
    paragraphs: [
      'Ein Passkey wurde aus Ihrem Konto bei {appName} entfernt. Niemand kann sich mehr damit anmelden.',
    ],
    action: 'Das war ich nicht',
    closing: [fine, `Wenn nicht, benutzen Sie den Link oben: ${takesBack}`],
  },
  'notice-codes-renewed': {
    subject: 'Neue Ersatzcodes für {appName}',
    paragraphs: [
      'Für Ihr Konto bei {appName} wurden neue Ersatzcodes erzeugt. Die bisherigen funktionieren nicht mehr.',
    ],
    action: 'Das war ich nicht',
    closing: [
      fine,
      `Wenn nicht, benutzen Sie den Link oben: auch die neuen Codes funktionieren dann nicht mehr, ${takesBack}`,
    ],
  },
  'notice-code-used': {
    subject: 'Ersatzcode für {appName} benutzt',
    paragraphs: [
      'Einer Ihrer Ersatzcodes wurde für Ihr Konto bei {appName} benutzt: zum Anmelden oder um noch einmal zu zeigen, wer Sie sind. Er funktioniert kein zweites Mal. Codes, die noch funktionieren: {left}.',
    ],
    action: 'Das war ich nicht',
    closing: [
      'Wenn Sie das waren, brauchen Sie nichts zu tun, es sei denn, Sie benötigen neue Codes: die erzeugen Sie in Ihrem Konto.',
      `Wenn nicht, hat jemand einen Ihrer Codes und höchstwahrscheinlich Ihr Passwort. Benutzen Sie den Link oben: ${takesBack}`,
      'Erzeugen Sie danach neue Ersatzcodes.',
    ],
  },
  'notice-factors-reset-requested': {
    subject: '{appName}: Bestätigung in zwei Schritten zurücksetzen?',
    paragraphs: [
      'Jemand aus der Verwaltung von {appName} möchte die Bestätigung in zwei Schritten aus Ihrem Konto entfernen. Noch hat sich nichts geändert: es geschieht, wenn innerhalb eines Tages eine zweite Person der Verwaltung zustimmt.',
    ],
    action: 'Das war ich nicht',
    closing: [
      'Wenn Sie darum gebeten haben, brauchen Sie nichts zu tun.',
      `Wenn nicht, gibt sich vielleicht jemand für Sie aus. Benutzen Sie den Link oben: die Anfrage endet, ${takesBack}`,
    ],
  },
  'notice-factors-reset': {
    subject: 'Bestätigung in zwei Schritten für {appName} zurückgesetzt',
    paragraphs: [
      'Die Verwaltung von {appName} hat die Bestätigung in zwei Schritten aus Ihrem Konto entfernt, was immer Sie davon hatten: Authenticator-App, Passkeys, Ersatzcodes. Alle Geräte sind abgemeldet. Bitte melden Sie sich mit Ihrem Passwort an und richten Sie sie wieder ein.',
    ],
    action: 'Das war ich nicht',
    closing: [
      'Wenn Sie darum gebeten haben, brauchen Sie sonst nichts zu tun.',
      `Wenn nicht, benutzen Sie den Link oben: ${takesBack}`,
    ],
  },
  'notice-factor-demanded': {
    subject: 'Zweiten Faktor für {appName} einrichten',
    paragraphs: [
      'Ihr Konto bei {appName} braucht neben dem Passwort einen zweiten Faktor. Sie haben Zeit bis {until}: öffnen Sie dort Ihr Konto und richten Sie eine Authentifizierungs-App oder einen Passkey ein.',
      'Als diese Zeit begann, hat sich jemand bei Ihrem Konto angemeldet:',
    ],
    action: 'Das war ich nicht',
    closing: [
      'Wenn Sie das waren, richten Sie bald einen ein: danach meldet sich niemand beim Konto an, bevor es getan ist.',
      `Wenn nicht, benutzen Sie den Link oben: ${takesBack}`,
    ],
  },
  'notice-device-trusted': {
    subject: 'Browser für {appName} als vertraut gemerkt',
    paragraphs: [
      'Für Ihr Konto bei {appName} wurde ein Browser als vertraut gemerkt. Eine Zeit lang meldet er sich allein mit dem Passwort an; Ihr zweiter Faktor wird dort nicht verlangt.',
    ],
    action: 'Das war ich nicht',
    closing: [
      'Wenn Sie das waren, brauchen Sie nichts zu tun. Sie können das Vertrauen jederzeit beenden: vergessen Sie das Gerät in Ihrem Konto.',
      `Wenn nicht, benutzen Sie den Link oben: kein Browser gilt mehr als vertraut, ${takesBack}`,
    ],
  },
  'notice-passkey-cloned': {
    subject: 'Ein Passkey für {appName} wurde vielleicht kopiert',
    paragraphs: [
      'Ein Passkey Ihres Kontos bei {appName} hat so geantwortet, wie es nur vorkommt, wenn sein Schlüssel an zwei Orten ist. Mit dieser Antwort haben wir niemanden eingelassen.',
    ],
    action: 'Mein Konto sperren',
    closing: [
      'Wenn Sie sich gerade angemeldet haben, entfernen Sie diesen Passkey in Ihrem Konto und fügen Sie ihn neu hinzu.',
      `Wenn nicht, hat jemand anderes eine Kopie davon. Benutzen Sie den Link oben: der Passkey wird entfernt, ${takesBack}`,
    ],
  },
  'notice-factor-attacked': {
    subject: 'Jemand kennt Ihr Passwort für {appName}',
    paragraphs: [
      'Jemand versucht immer wieder, sich mit dem richtigen Passwort und falschen Nachweisen Ihres zweiten Faktors bei Ihrem Konto bei {appName} anzumelden. Bisher war keiner richtig. Der letzte Versuch:',
    ],
    action: 'Mein Konto sperren',
    closing: [
      'Wenn Sie das waren, brauchen Sie nichts zu tun. Vielleicht geht die Uhr Ihres Telefons falsch: Codes einer Authenticator-App brauchen die richtige Zeit.',
      `Wenn nicht, kennt jemand anderes Ihr Passwort. Benutzen Sie den Link oben: ${takesBack}`,
    ],
  },
}
