import type { PageTexts } from './english.ts'
import { germanFactors } from './german-factors.ts'
import { germanOrganisations } from './german-organisations.ts'
import { germanFaults, germanProblems } from './german-problems.ts'

/** The words of the pages in German, key by key as in English. */
export const german: PageTexts = {
  language: 'de',
  direction: 'ltr',
  errorPrefix: 'Fehler: ',
  summary: 'Bitte sehen Sie sich das noch einmal an',
  optional: 'freiwillig',
  required: 'Bitte füllen Sie dieses Feld aus.',
  tooLong: 'Das ist länger, als wir speichern können.',
  wait: 'Versuchen Sie es in {time} noch einmal.',
  backToSignIn: 'Zurück zur Anmeldung',
  fields: {
    email: 'E-Mail-Adresse',
    password: 'Passwort',
    newPassword: 'Neues Passwort',
    currentPassword: 'Aktuelles Passwort',
    newEmail: 'Neue E-Mail-Adresse',
    username: 'Benutzername',
    displayName: 'Ihr Name',
    companyName: 'Firma',
    identifier: 'E-Mail-Adresse oder Benutzername',
  },
  hints: {
    newPassword:
      'Mindestens {length} beliebige Zeichen. Einige Wörter, die nichts miteinander zu tun haben, merkt man sich leicht.',
    username:
      '3 bis 30 Buchstaben, Ziffern, Unter- oder Bindestriche. Sie können sich damit anmelden.',
    companyName: 'Wird nur angezeigt und entscheidet nicht darüber, was Sie sehen oder tun können.',
    currentPassword:
      'Wir fragen noch einmal, damit das niemand an einem unbeaufsichtigten Bildschirm tun kann.',
  },
  register: {
    title: 'Konto anlegen',
    intro: 'Sie bekommen eine E-Mail, mit der Sie Ihre Adresse bestätigen.',
    action: 'Konto anlegen',
    signIn: 'Sie haben schon ein Konto? Anmelden',
    closedTitle: 'Die Registrierung ist geschlossen',
    closed: 'Neue Konten legt hier eine Administratorin oder ein Administrator an.',
  },
  checkMail: {
    title: 'Sehen Sie in Ihr Postfach',
    sent: 'Wir schicken eine E-Mail an {email}. Öffnen Sie sie und folgen Sie ihrem Link.',
    missing:
      'Nach einigen Minuten noch nichts da? Sehen Sie im Spam-Ordner nach oder lassen Sie sie noch einmal schicken.',
    action: 'E-Mail noch einmal schicken',
  },
  resend: {
    title: 'Adresse bestätigen',
    intro:
      'Geben Sie die Adresse ein, mit der Sie sich registriert haben. Wir schicken einen neuen Link.',
    action: 'Neuen Link schicken',
  },
  verify: {
    title: 'Adresse bestätigen',
    intro: 'Ein Klick, und Ihr Konto ist bereit.',
    needsPassword: 'Wählen Sie das Passwort, mit dem Sie sich anmelden wollen.',
    needsUsername: 'Der gewünschte Benutzername ist vergeben. Bitte wählen Sie einen anderen.',
    action: 'Adresse bestätigen',
    unusable:
      'Er wurde schon benutzt, ist abgelaufen oder unvollständig. Wir können Ihnen einen neuen schicken.',
    doneTitle: 'Ihre Adresse ist bestätigt',
    done: 'Ihr Konto ist bereit. Sie können sich jetzt anmelden.',
    doneAction: 'Anmelden',
  },
  signIn: {
    title: 'Anmelden',
    action: 'Anmelden',
    register: 'Neu hier? Konto anlegen',
    resend: 'Der Link zum Bestätigen der Adresse fehlt? Neuen schicken',
    already: 'Sie sind angemeldet',
    alreadyText: 'Hier ist nichts weiter zu tun.',
    continue: 'Weiter',
    verificationTitle: 'Ihre Adresse ist noch nicht bestätigt',
    verification:
      'Öffnen Sie die E-Mail, die wir Ihnen geschickt haben, und folgen Sie ihrem Link. Danach können Sie sich anmelden.',
    forgot: 'Passwort vergessen?',
    challengeTitle: 'Noch eine Prüfung',
    challenge:
      'Mehrere Versuche sind fehlgeschlagen. Bitte geben Sie Ihr Passwort noch einmal ein; Ihr Browser zeigt inzwischen, dass er kein Programm ist, das Passwörter rät.',
    challengeWorking: 'Ihr Browser löst eine kurze Aufgabe. Das dauert einige Sekunden.',
    challengeReady: 'Fertig. Sie können sich anmelden.',
    challengeFailed:
      'Ihr Browser konnte die Aufgabe nicht lösen. Laden Sie die Seite neu oder nehmen Sie einen anderen Browser.',
    challengeThirdParty:
      'Mehrere Versuche sind fehlgeschlagen. Bitte geben Sie Ihr Passwort noch einmal ein und bestätigen Sie das Kästchen darunter, das von {provider} kommt.',
    challengeNoScript:
      'Diese Prüfung braucht JavaScript. Schalten Sie es für diese Seite ein und melden Sie sich noch einmal an, nehmen Sie einen anderen Browser oder wählen Sie ein neues Passwort: Der Link steht unten.',
  },
  forgot: {
    title: 'Neues Passwort wählen',
    intro: 'Geben Sie die Adresse Ihres Kontos ein. Wir schicken Ihnen einen Link.',
    action: 'Link schicken',
    sent: 'Wenn zu {email} ein Konto gehört, ist eine E-Mail mit einem Link dorthin unterwegs.',
    missing:
      'Nach einigen Minuten noch nichts da? Sehen Sie im Spam-Ordner nach, prüfen Sie die Adresse oder lassen Sie sie noch einmal schicken.',
    again: 'E-Mail noch einmal schicken',
  },
  reset: {
    reset: {
      title: 'Neues Passwort wählen',
      intro: 'Mit dem Speichern werden Sie überall abgemeldet und können sich damit anmelden.',
      action: 'Passwort speichern',
    },
    secure: {
      title: 'Konto zurückholen',
      intro:
        'Wählen Sie ein Passwort, das Sie nirgends sonst benutzen. Das Speichern öffnet Ihr Konto wieder; wer angemeldet war, bleibt abgemeldet.',
      action: 'Passwort speichern und Konto öffnen',
    },
    invitation: {
      title: 'Willkommen',
      intro:
        'Für Sie wurde ein Konto angelegt. Wählen Sie ein Passwort, und Sie können sich anmelden.',
      action: 'Passwort speichern',
    },
    doneTitle: 'Ihr Passwort ist gespeichert',
    done: 'Sie können sich jetzt damit anmelden.',
    doneAction: 'Anmelden',
    unusable:
      'Er wurde schon benutzt, ist abgelaufen oder unvollständig. Geben Sie Ihre Adresse ein, und wir schicken einen neuen.',
    unusableInvitation: 'War es eine Einladung, bitten Sie um eine neue, wo Sie eingeladen wurden.',
  },
  confirmEmail: {
    title: 'Neue Adresse bestätigen',
    intro: 'Von da an gehört diese Adresse zu Ihrem Konto, und Sie melden sich mit ihr an.',
    account: 'Es ist das Konto von {account}.',
    takeBack:
      'Die alte Adresse kann das Konto mit allem darin {time} lang zurückholen. Bestätigen Sie nur, wenn das Konto Ihres ist.',
    foreign: 'Achtung: Sie sind hier mit einem anderen Konto als diesem angemeldet.',
    action: 'Adresse bestätigen',
    doneTitle: 'Ihre neue Adresse ist bestätigt',
    done: 'Ihr Konto hat seine neue Adresse. Wir haben es auch der alten mitgeteilt.',
    doneAction: 'Zu Ihrem Konto',
    unusable:
      'Er wurde schon benutzt, ist abgelaufen oder unvollständig, oder die Adresse ist nicht mehr frei. In Ihrem Konto können Sie einen neuen anfordern.',
    unusableAction: 'Adresse ändern',
  },
  undoEmail: {
    title: 'Alte Adresse wiederherstellen',
    intro:
      'Benutzen Sie das, wenn nicht Sie selbst die Adresse Ihres Kontos geändert haben. Was geschieht:',
    effects: [
      'Die Adresse, an die diese E-Mail ging, gehört wieder zu Ihrem Konto.',
      'Jede Sitzung endet, auf jedem Gerät.',
      'Ihr Passwort gilt nicht mehr, und das Konto ist gesperrt.',
      'Was in den letzten Tagen als zweiter Faktor hinzukam, wird entfernt: Authenticator-App, Passkeys, Ersatzcodes. Ihre eigenen fügen Sie danach wieder hinzu.',
      'Sie bekommen eine E-Mail mit einem Link, um ein neues Passwort zu wählen. Er öffnet das Konto wieder.',
    ],
    action: 'Adresse wiederherstellen und Konto sperren',
    doneTitle: 'Ihre alte Adresse ist wieder da',
    done: 'Jede Sitzung ist beendet und Ihr Konto gesperrt. Eine E-Mail mit einem Link, um es zurückzuholen, ist unterwegs.',
    unusable:
      'Er wurde schon benutzt, ist abgelaufen oder unvollständig. Wenn Sie nicht mehr in Ihr Konto kommen, fordern Sie hier ein neues Passwort an.',
  },
  notMe: {
    title: 'Das waren nicht Sie?',
    intro: 'Benutzen Sie das, wenn jemand anderes Ihr Konto benutzt. Was geschieht:',
    effects: [
      'Jede Sitzung endet, auf jedem Gerät. Auch Sie werden abgemeldet.',
      'Ihr Passwort gilt nicht mehr, und das Konto ist gesperrt.',
      'Was in den letzten Tagen als zweiter Faktor hinzukam, wird entfernt: Authenticator-App, Passkeys, Ersatzcodes. Ihre eigenen fügen Sie danach wieder hinzu.',
      'Sie bekommen eine E-Mail mit einem Link, um ein neues Passwort zu wählen. Er öffnet das Konto wieder.',
    ],
    ownDoing: 'Wenn Sie es selbst waren, schließen Sie diese Seite. Noch ist nichts geschehen.',
    action: 'Mein Konto sperren',
    doneTitle: 'Ihr Konto ist gesperrt',
    done: 'Jede Sitzung ist beendet. Eine E-Mail mit einem Link, um Ihr Konto zurückzuholen, ist unterwegs.',
    unusable:
      'Er wurde schon benutzt, ist abgelaufen oder unvollständig. Wenn jemand anderes Ihr Konto benutzt, wählen Sie ein neues Passwort: Auch das beendet jede Sitzung.',
  },
  unusableTitle: 'Dieser Link gilt nicht mehr',
  changePassword: {
    title: 'Passwort ändern',
    intro:
      'Hier bleiben Sie angemeldet. Alle anderen Sitzungen enden, und andere Geräte müssen sich neu anmelden.',
    action: 'Neues Passwort speichern',
  },
  changeEmail: {
    title: 'E-Mail-Adresse ändern',
    intro:
      'Ihre Adresse ist {email}. Wir schicken eine E-Mail an die neue; geändert wird, wenn Sie ihrem Link folgen.',
    action: 'E-Mail schicken',
    sentTitle: 'Sehen Sie in Ihr Postfach',
    sent: 'Eine E-Mail an {email} ist unterwegs. Ihre Adresse ändert sich, wenn Sie ihrem Link folgen.',
    sentMissing:
      'Nach einigen Minuten noch nichts da? Sehen Sie im Spam-Ordner nach. An eine Adresse, die zu einem anderen Konto gehört, geht keine E-Mail.',
  },
  exportData: {
    title: 'Ihre Daten herunterladen',
    intro:
      'Sie bekommen eine JSON-Datei mit dem, was wir über Sie speichern: Profil, Rollen, Sitzungen, Geräte und das Protokoll Ihres Kontos. Passwörter und Schlüssel sind nicht darin. Bewahren Sie sie gut auf.',
    action: 'Herunterladen',
  },
  closeAccount: {
    title: 'Konto schließen',
    intro: 'Was geschieht:',
    effects: [
      'Sie werden überall abgemeldet, und niemand kann sich mehr anmelden.',
      'Die Administration kann das Konto noch {time} lang wieder öffnen.',
      'Danach wird es endgültig gelöscht.',
    ],
    keep: 'Laden Sie vorher Ihre Daten herunter',
    action: 'Mein Konto schließen',
    doneTitle: 'Ihr Konto ist geschlossen',
    done: 'Jede Sitzung ist beendet. Wir haben Ihnen eine E-Mail dazu geschickt.',
  },
  back: 'Zurück zu Ihrem Konto',
  account: {
    title: 'Ihr Konto',
    profile: 'Profil',
    security: 'Anmeldung und Daten',
    change: 'Ändern',
    changeEmail: 'E-Mail-Adresse ändern',
    changePassword: 'Passwort ändern',
    exportData: 'Ihre Daten herunterladen',
    closeAccount: 'Konto schließen',
    devices: 'Bekannte Geräte',
    devicesIntro:
      'Von diesen haben Sie sich schon angemeldet, deshalb bremsen fremde Fehlversuche Sie dort nicht. Ein vergessenes Gerät gilt bei der nächsten Anmeldung als neu und nicht mehr als vertraut; seine Sitzungen laufen weiter.',
    noDevices: 'Keine.',
    forget: 'Vergessen',
    forgetOf: 'das Gerät {device}, {address}',
    lastSeen: 'zuletzt gesehen {time}',
    firstSeen: 'zuerst gesehen {time}',
    email: 'E-Mail-Adresse',
    username: 'Benutzername',
    displayName: 'Name',
    companyName: 'Firma',
    roles: 'Rollen',
    none: 'Nicht angegeben',
    sessions: 'Wo Sie angemeldet sind',
    sessionsIntro:
      'Jedes Gerät und jeder Browser hat eine eigene Sitzung. Beenden Sie die, die Sie nicht kennen.',
    thisOne: 'gerade hier',
    activeNow: 'jetzt aktiv',
    lastActive: 'zuletzt aktiv {time}',
    signedInAt: 'angemeldet {time}',
    unknownAddress: 'unbekannte Adresse',
    unknownDevice: 'Unbekanntes Gerät',
    on: '{browser} unter {system}',
    end: 'Beenden',
    endOf: 'die Sitzung von {device}, {address}',
    endOthers: 'Alle anderen beenden',
    signOut: 'Abmelden',
  },
  ...germanFactors,
  ...germanOrganisations,
  problem: {
    request: 'Anfrage {id}',
    home: 'Zu Ihrem Konto',
    prove: 'Bestätigen, dass Sie es sind',
  },
  notices: {
    'signed-out': 'Sie sind abgemeldet.',
    'session-ended': 'Die Sitzung wurde beendet.',
    'others-ended': 'Alle anderen Sitzungen wurden beendet.',
    'password-changed': 'Ihr Passwort wurde geändert.',
    'device-forgotten': 'Das Gerät wurde vergessen.',
    'flow-ended':
      'Das hat zu lange gedauert oder wurde zu oft versucht. Bitte melden Sie sich noch einmal an.',
    'app-enabled': 'Ihre Authentifizierungs-App ist eingerichtet.',
    'app-removed': 'Ihre Authentifizierungs-App wurde entfernt.',
    'passkey-added': 'Der Passkey wurde hinzugefügt.',
    'passkey-renamed': 'Der Passkey hat seine neue Bezeichnung.',
    'passkey-removed': 'Der Passkey wurde entfernt.',
  },
  faults: germanFaults,
  problems: germanProblems,
}
