import { germanFactors } from './german-factors.ts'
import type { MailTexts } from './texts.ts'

const once = 'Der Link funktioniert einmal und {lifetime} lang.'
const fine = 'Wenn Sie das waren, brauchen Sie nichts zu tun.'
const takesBack =
  'alle Geräte werden abgemeldet, das Konto wird gesperrt, zweite Faktoren, die in den letzten Tagen hinzukamen, werden entfernt, und wir schicken Ihnen eine E-Mail, mit der Sie ein neues Passwort wählen. Der Link funktioniert {lifetime} lang.'

export const german: MailTexts = {
  locale: 'de-DE',
  direction: 'ltr',
  greeting: 'Guten Tag {name},',
  greetingWithoutName: 'Guten Tag,',
  facts: {
    account: 'Konto',
    organisation: 'Organisation',
    key: 'API-Schlüssel',
    at: 'Wann',
    ip: 'IP-Adresse',
    device: 'Gerät',
    on: '{browser} auf {system}',
    unknownDevice: 'unbekannt',
  },
  taken: {
    totp: 'Authenticator-App',
    passkey: 'ein Passkey',
    passkeys: '{count} Passkeys',
    recoveryCodes: 'Ersatzcodes',
  },
  orOpen: 'Oder öffnen Sie diese Adresse:',
  footer: '{appName} hat diese E-Mail geschickt, weil diese Adresse dort angegeben wurde.',
  mails: {
    'verify-email': {
      subject: 'Bestätigen Sie Ihre Adresse für {appName}',
      paragraphs: [
        'Jemand, hoffentlich Sie, hat mit dieser Adresse ein Konto bei {appName} eröffnet. Bitte bestätigen Sie, dass die Adresse Ihnen gehört.',
      ],
      action: 'Adresse bestätigen',
      closing: [
        once,
        'Wenn Sie das nicht waren, beachten Sie diese E-Mail nicht. Ohne die Bestätigung kann niemand das Konto benutzen.',
      ],
    },
    'verify-email-username-taken': {
      subject: 'Bestätigen Sie Ihre Adresse für {appName}',
      paragraphs: [
        'Jemand, hoffentlich Sie, hat mit dieser Adresse ein Konto bei {appName} eröffnet. Bitte bestätigen Sie, dass die Adresse Ihnen gehört.',
        'Der gewünschte Benutzername ist schon vergeben. Auf der Seite, die der Link öffnet, können Sie einen anderen wählen.',
      ],
      action: 'Adresse bestätigen und Namen wählen',
      closing: [
        once,
        'Wenn Sie das nicht waren, beachten Sie diese E-Mail nicht. Ohne die Bestätigung kann niemand das Konto benutzen.',
      ],
    },
    'already-registered': {
      subject: 'Sie haben schon ein Konto bei {appName}',
      paragraphs: [
        'Jemand, wahrscheinlich Sie, wollte mit dieser Adresse ein Konto bei {appName} eröffnen. Sie haben schon eines, und daran hat sich nichts geändert.',
      ],
      action: 'Anmelden',
      closing: [
        'Wenn Sie Ihr Passwort nicht mehr wissen, können Sie auf der Anmeldeseite ein neues anfordern.',
        'Wenn Sie das nicht waren, brauchen Sie nichts zu tun.',
      ],
    },
    'reset-password': {
      subject: 'Wählen Sie ein neues Passwort für {appName}',
      paragraphs: [
        'Jemand, hoffentlich Sie, hat ein neues Passwort für Ihr Konto bei {appName} angefordert.',
      ],
      action: 'Neues Passwort wählen',
      closing: [
        `${once} Sobald Sie ein neues Passwort gewählt haben, werden alle Geräte abgemeldet.`,
        'Wenn Sie das nicht waren, beachten Sie diese E-Mail nicht. Ihr Passwort hat sich nicht geändert.',
      ],
    },
    'forced-reset': {
      subject: 'Wählen Sie ein neues Passwort für {appName}',
      paragraphs: [
        'Die Verwaltung von {appName} verlangt ein neues Passwort für Ihr Konto. Das bisherige gilt nicht mehr, und alle Geräte sind abgemeldet.',
      ],
      action: 'Neues Passwort wählen',
      closing: [
        once,
        'Wenn der Link abgelaufen ist, fordern Sie dort, wo Sie sich anmelden, mit „Passwort vergessen?“ einen neuen an.',
      ],
    },
    'change-email': {
      subject: 'Bestätigen Sie Ihre neue Adresse für {appName}',
      paragraphs: [
        'Jemand, hoffentlich Sie, hat dies als neue Adresse des Kontos unten bei {appName} angegeben. Bitte bestätigen Sie, dass die Adresse Ihnen gehört, aber nur, wenn auch das Konto Ihres ist.',
      ],
      action: 'Neue Adresse bestätigen',
      closing: [
        once,
        'Die alte Adresse kann das Konto mit allem darin {takeBack} lang zurückholen.',
        'Wenn Sie das nicht waren, beachten Sie diese E-Mail nicht. Ohne die Bestätigung ändert sich nichts.',
      ],
    },
    invitation: {
      subject: 'Sie sind zu {appName} eingeladen',
      paragraphs: [
        'Bei {appName} wurde ein Konto für Sie angelegt. Wählen Sie ein Passwort, dann können Sie es benutzen.',
      ],
      action: 'Passwort wählen',
      closing: [
        once,
        'Wenn Sie diese Einladung nicht erwarten, beachten Sie diese E-Mail nicht. Ohne Passwort kann niemand das Konto benutzen.',
      ],
    },
    'organisation-invitation': {
      subject: 'Sie sind in eine Organisation bei {appName} eingeladen',
      paragraphs: [
        'Ein Mitglied einer Organisation bei {appName} hat Sie eingeladen, ihr beizutreten. Sie nehmen die Einladung mit einem Konto dieser Adresse an; wenn Sie noch keines haben, registrieren Sie sich bitte zuerst mit dieser Adresse.',
      ],
      action: 'Einladung ansehen',
      closing: [
        once,
        'Wenn Sie nicht wissen, wer Sie eingeladen hat, beachten Sie diese E-Mail nicht. Ohne Sie geschieht nichts.',
      ],
    },
    'account-closed': {
      subject: 'Ihr Konto bei {appName} ist geschlossen',
      paragraphs: ['Ihr Konto bei {appName} wurde geschlossen, und alle Geräte wurden abgemeldet.'],
      action: 'Das war ich nicht',
      closing: [
        'Wenn Sie es geschlossen haben und es sich anders überlegen, wenden Sie sich bitte an den Betreiber von {appName}. Eine Zeit lang kann er das Konto wieder öffnen.',
        `Wenn Sie das nicht waren, benutzen Sie den Link oben: ${takesBack}`,
      ],
    },
    'secure-account': {
      subject: 'Holen Sie sich Ihr Konto bei {appName} zurück',
      paragraphs: [
        'Sie haben uns gemeldet, dass jemand anderes in Ihrem Konto bei {appName} war. Wir haben alle Geräte abgemeldet und das Konto gesperrt.',
        'Wählen Sie ein neues Passwort, um es wieder zu öffnen.',
      ],
      action: 'Neues Passwort wählen',
      closing: [
        once,
        'Wenn Sie das alte Passwort noch anderswo verwenden, ändern Sie es bitte auch dort.',
      ],
    },
    'notice-password': {
      subject: 'Ihr Passwort für {appName} wurde geändert',
      paragraphs: ['Das Passwort Ihres Kontos bei {appName} wurde geändert.'],
      action: 'Das war ich nicht',
      closing: [fine, `Wenn nicht, benutzen Sie den Link oben: ${takesBack}`],
    },
    'notice-api-key': {
      subject: 'Bei {appName} wurde ein API-Schlüssel erzeugt',
      paragraphs: [
        'Für Ihr Konto bei {appName} wurde ein API-Schlüssel erzeugt. Ein Programm, das ihn hat, handelt in Ihrem Namen, so weit seine Rechte reichen.',
      ],
      action: 'Das war ich nicht',
      closing: [
        fine,
        `Wenn nicht, benutzen Sie den Link oben: ${takesBack} Auch Ihre API-Schlüssel werden beendet.`,
      ],
    },
    'alert-decoy-used': {
      subject: 'Ein Köder-Schlüssel von {appName} wurde benutzt',
      paragraphs: [
        'Jemand hat einen API-Schlüssel vorgezeigt, der als Köder ausgelegt war. Er hat nichts geöffnet. Wer ihn hat, hat gelesen, wo er lag; was dort sonst noch liegt, sollte als bekannt gelten.',
        'Diese Warnung kommt je Köder einmal. Das Audit-Protokoll von {appName} hält fest, was von der Anfrage bekannt ist.',
      ],
      action: '{appName} öffnen',
      closing: [
        'Ersetzen Sie Schlüssel und Passwörter, die am selben Ort liegen, und finden Sie heraus, wer ihn lesen konnte.',
      ],
    },
    'notice-email': {
      subject: 'Ihre Adresse für {appName} wurde geändert',
      paragraphs: [
        'Ihr Konto bei {appName} hat eine neue E-Mail-Adresse. E-Mails gehen von jetzt an dorthin und nicht mehr hierher.',
      ],
      action: 'Das war ich nicht',
      closing: [
        fine,
        `Wenn nicht, benutzen Sie den Link oben: diese Adresse wird wieder eingesetzt, ${takesBack}`,
      ],
    },
    'notice-new-device': {
      subject: 'Neue Anmeldung bei {appName}',
      paragraphs: [
        'Jemand hat sich bei Ihrem Konto bei {appName} mit einem Gerät angemeldet, das wir nicht kennen.',
      ],
      action: 'Das war ich nicht',
      closing: [fine, `Wenn nicht, benutzen Sie den Link oben: ${takesBack}`],
    },
    'notice-under-attack': {
      subject: 'Jemand probiert Passwörter für Ihr Konto bei {appName}',
      paragraphs: [
        'Jemand versucht immer wieder, sich mit falschen Passwörtern bei Ihrem Konto bei {appName} anzumelden. Bisher war keines richtig, und wir bremsen die Versuche. Der letzte:',
      ],
      action: 'Mein Konto sperren',
      closing: [
        'Sie brauchen nichts zu tun: Angemeldete Geräte bleiben angemeldet. Sollte Ihr richtiges Passwort eine Zeit lang abgelehnt werden, können Sie auf der Anmeldeseite ein neues wählen.',
        `Wenn Sie sichergehen wollen, benutzen Sie den Link oben: ${takesBack}`,
      ],
    },
    'notice-proof-attacked': {
      subject: 'Jemand probiert angemeldet Passwörter für {appName}',
      paragraphs: [
        'Wo Ihr Konto bei {appName} angemeldet ist, gibt jemand immer wieder falsche Passwörter ein, um sich als Sie auszuweisen. Bisher war keines richtig. Das letzte:',
      ],
      action: 'Mein Konto sperren',
      closing: [
        'Wenn Sie das waren, brauchen Sie nichts zu tun. Sollte Ihr richtiges Passwort dort abgelehnt werden, melden Sie sich ab und neu an.',
        `Wenn nicht, ist jemand anderes bei Ihrem Konto angemeldet. Benutzen Sie den Link oben: ${takesBack}`,
      ],
    },
    ...germanFactors,
  },
}
