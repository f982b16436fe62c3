import type { englishFactors } from './english-factors.ts'

/** German words of second factors, passkeys and fresh proofs. */
export const germanFactors: typeof englishFactors = {
  secondStep: {
    title: 'Bestätigung in zwei Schritten',
    codeTitle: '6-stelligen Code eingeben',
    intro:
      'Ihr Passwort stimmt. Öffnen Sie Ihre Authentifizierungs-App und geben Sie den Code für {app} ein.',
    introPasskey: 'Ihr Passwort stimmt. Benutzen Sie jetzt den Passkey dieses Kontos.',
    introRecovery: 'Ihr Passwort stimmt. Geben Sie jetzt einen Ihrer Ersatzcodes ein.',
    code: '6-stelliger Code',
    codeHint: 'Ein Code gilt einmal und wechselt alle 30 Sekunden.',
    wrong:
      'Dieser Code wurde nicht angenommen. Warten Sie auf den nächsten und geben Sie diesen ein.',
    malformed: 'Geben Sie alle sechs Ziffern des Codes ein, den Ihre App gerade zeigt.',
    recoveryWrong:
      'Dieser Code wurde nicht angenommen. Benutzen Sie einen anderen Ihrer Ersatzcodes.',
    action: 'Weiter',
    recovery: 'Stattdessen einen Ersatzcode benutzen',
    recoveryCode: 'Ersatzcode',
    recoveryHint:
      'Einer der Codes, die Sie beim Einrichten aufbewahrt haben. Jeder gilt ein einziges Mal.',
    recoveryAction: 'Diesen Code benutzen',
    trust: 'Diesem Browser {time} lang vertrauen: hier keinen Code verlangen',
    trustHint:
      'Nur auf einem Gerät, das niemand sonst benutzt. In Ihrem Konto können Sie es beenden: Vergessen Sie dort das Gerät.',
    restart: 'Mit einem anderen Konto anmelden',
    lostPasskey:
      'Passkey und Ersatzcodes verloren? Bitten Sie die Administration, Ihre Bestätigung in zwei Schritten zurückzusetzen.',
    lost: 'App und Ersatzcodes verloren? Bitten Sie die Administration, Ihre Bestätigung in zwei Schritten zurückzusetzen.',
  },
  passkey: {
    signIn: 'Mit einem Passkey',
    use: 'Passkey benutzen',
    working: 'Ihr Browser fragt nach Ihrem Passkey.',
    failed:
      'Das hat nicht geklappt oder wurde abgebrochen. Nichts ist geschehen; Sie können es noch einmal versuchen.',
    known:
      'Auf diesem Gerät gibt es schon einen Passkey für Ihr Konto. Hier ist nichts hinzuzufügen.',
    refused: 'Dieser Passkey wurde nicht angenommen.',
    noScript:
      'Ein Passkey braucht JavaScript. Schalten Sie es für diese Seite ein oder nehmen Sie einen anderen Weg.',
    cannot:
      'Dieser Browser kann keine Passkeys benutzen. Nehmen Sie einen anderen Weg oder einen anderen Browser.',
    or: 'oder',
  },
  setUp: {
    demandedTitle: 'Bestätigung in zwei Schritten einrichten',
    demanded:
      '{app} verlangt für Ihr Konto die Bestätigung in zwei Schritten: Das Passwort allein genügt nicht. Wählen Sie jetzt einen Weg. Sobald er funktioniert, sind Sie angemeldet und bekommen Ersatzcodes für den Tag, an dem Sie ihn nicht zur Hand haben.',
    chooseApp: 'Mit einer Authentifizierungs-App',
    chooseAppText:
      'Eine App auf Ihrem Telefon zeigt alle 30 Sekunden einen neuen 6-stelligen Code. Jede ist geeignet, zum Beispiel Google Authenticator, Microsoft Authenticator, 2FAS oder Aegis, oder ein Passwortmanager.',
    chooseAppAction: 'App einrichten',
    choosePasskey: 'Mit einem Passkey',
    choosePasskeyText:
      'Ihr Fingerabdruck, Ihr Gesicht oder die PIN Ihres Geräts, oder ein Sicherheitsschlüssel. Es gibt nichts einzutippen, und er funktioniert nur auf dieser Seite.',
    choosePasskeyAction: 'Passkey anlegen',
    goneCode:
      'Sie haben den QR-Code gescannt? Geben Sie den Code ein, den die App zeigt. Sonst holen Sie sich unten einen neuen QR-Code.',
    appTitle: 'Authentifizierungs-App einrichten',
    scan: 'Scannen Sie diesen Code mit der App.',
    qrName: 'QR-Code für Ihre Authentifizierungs-App. Derselbe Schlüssel steht darunter als Text.',
    manual: 'Scannen geht nicht? Geben Sie diesen Schlüssel von Hand ein:',
    manualKind: 'Konto: {account}. Art: zeitbasiert, 6 Ziffern, 30 Sekunden.',
    openApp: 'Die App ist auf diesem Gerät? Öffnen Sie sie mit diesem Link.',
    enter: 'Geben Sie dann den Code ein, den die App zeigt.',
    code: '6-stelliger Code',
    codeHint: 'Die App zeigt alle 30 Sekunden einen neuen.',
    action: 'Fertig',
    wrong: 'Dieser Code wurde nicht angenommen.',
    clock:
      'Geht die Uhr Ihres Telefons richtig? Die Codes entstehen aus der Zeit: Ein Telefon, das vorgeht oder mehr als eine halbe Minute nachgeht, zeigt falsche. Stellen Sie Datum und Uhrzeit in seinen Einstellungen auf „automatisch“, warten Sie auf den nächsten Code und geben Sie diesen ein.',
    clockTitle: 'Der Code wird nicht angenommen?',
    again: 'Geben Sie den nächsten Code ein, den die App zeigt.',
    anew: 'Mit einem anderen QR-Code neu beginnen',
    replaceNote:
      'Die App, die Sie jetzt benutzen, funktioniert weiter, bis Sie einen Code der neuen eingegeben haben. Danach gilt nur noch die neue.',
    effects:
      'Ist es erledigt, enden alle anderen Sitzungen, vertraute Browser werden wieder gefragt, und wir schicken Ihnen eine E-Mail.',
    appAction: 'QR-Code zeigen',
    done: 'Ihre Authentifizierungs-App ist eingerichtet. Ersatzcodes werden nur einmal gezeigt: Wenn Sie sie nicht aufbewahrt haben, erstellen Sie neue.',
    doneAction: 'Neue Codes erstellen',
    back: 'Einen anderen Weg wählen',
  },
  codes: {
    title: 'Ihre Ersatzcodes',
    intro:
      'Jeder dieser Codes meldet Sie einmal an, wenn Sie Ihre App oder Ihren Passkey nicht haben. Bewahren Sie sie dort auf, wo das Telefon nicht ist: auf Papier oder bei Ihren Passwörtern. Sie werden nur jetzt gezeigt.',
    list: 'Ersatzcodes',
    copy: 'Kopieren',
    copied: 'Kopiert.',
    print: 'Drucken',
    save: 'Herunterladen',
    file: 'ersatzcodes.txt',
    done: 'Ich habe sie aufbewahrt',
    warning:
      'Gehen Sie erst weiter, wenn Sie sie aufbewahrt haben: Niemand kann sie Ihnen noch einmal zeigen.',
    newTitle: 'Neue Ersatzcodes',
    newIntro: 'Sie bekommen zehn neue Codes. Alle bisherigen gelten sofort nicht mehr.',
    newAction: 'Neue Codes erstellen',
  },
  passkeys: {
    addTitle: 'Passkey hinzufügen',
    addIntro:
      'Mit einem Passkey melden Sie sich mit Fingerabdruck, Gesicht oder PIN an, ohne Passwort. Er zählt auch für die Bestätigung in zwei Schritten.',
    name: 'Bezeichnung',
    nameHint: 'Damit Sie Ihre Passkeys unterscheiden können, zum Beispiel „Laptop im Büro“.',
    addAction: 'Den Passkey anlegen',
    renameTitle: 'Passkey umbenennen',
    renameIntro: 'Der Passkey {name}.',
    renameAction: 'Bezeichnung speichern',
    removeTitle: 'Passkey entfernen',
    removeIntro: 'Der Passkey {name}. Was geschieht:',
    removeEffects: [
      'Er meldet Sie nicht mehr an und zählt nicht mehr für die Bestätigung in zwei Schritten.',
      'Gibt es sonst nichts, keinen anderen Passkey und keine App, meldet Sie Ihr Passwort wieder allein an, und auch Ihre Ersatzcodes gelten nicht mehr.',
      'Alle anderen Sitzungen enden, und vertraute Browser werden wieder gefragt.',
      'Ihr Gerät zeigt ihn weiterhin. Entfernen Sie ihn auch dort.',
    ],
    removeAction: 'Den Passkey entfernen',
    last: 'Für Ihr Konto wird die Bestätigung in zwei Schritten verlangt, und der Passkey {name} ist Ihr einziger Weg. Sie können ihn entfernen, sobald Sie einen anderen haben.',
  },
  removeApp: {
    title: 'Authentifizierungs-App entfernen',
    intro: 'Was geschieht:',
    effects: [
      'Codes der App zählen nicht mehr. Ohne Passkey meldet Sie Ihr Passwort allein an, und auch Ihre Ersatzcodes gelten nicht mehr.',
      'Alle anderen Sitzungen enden, und vertraute Browser werden wieder gefragt.',
    ],
    action: 'Die App entfernen',
    last: 'Für Ihr Konto wird die Bestätigung in zwei Schritten verlangt, und diese App ist Ihr einziger Weg. Sie können sie durch eine andere ersetzen, oder entfernen, sobald Sie einen Passkey haben.',
    replace: 'App ersetzen',
  },
  prove: {
    title: 'Bestätigen Sie, dass Sie es sind',
    intro:
      'Was Sie vorhaben, ist wichtig. Deshalb fragen wir noch einmal, falls der Bildschirm unbeaufsichtigt war.',
    password: 'Mit Ihrem Passwort bestätigen',
    action: 'Bestätigen',
    required:
      'Das geht nur mit der Bestätigung in zwei Schritten, und Ihr Konto hat sie noch nicht. Richten Sie sie ein, dann führen wir Sie dorthin zurück, woher Sie kamen.',
    requiredOfYou:
      'Für Ihr Konto wird die Bestätigung in zwei Schritten verlangt: Das Passwort allein genügt nicht mehr. Richten Sie sie ein, dann führen wir Sie dorthin zurück, woher Sie kamen.',
    requiredAction: 'Authentifizierungs-App einrichten',
    cancel: 'Abbrechen',
  },
  factors: {
    title: 'Bestätigung in zwei Schritten',
    intro: 'Was wir außer dem Passwort verlangen, damit ein gestohlenes Passwort nicht genügt.',
    none: 'Nicht eingerichtet. Ihr Passwort allein meldet Sie an.',
    requiredUntil:
      'Für Ihr Konto wird die Bestätigung in zwei Schritten verlangt. Richten Sie sie bis {time} ein.',
    required: 'Für Ihr Konto wird die Bestätigung in zwei Schritten verlangt.',
    app: 'Authentifizierungs-App',
    appSince: 'eingerichtet {time}',
    appNone: 'nicht eingerichtet',
    add: 'Einrichten',
    addOf: 'eine Authentifizierungs-App',
    replace: 'Ersetzen',
    replaceOf: 'die Authentifizierungs-App',
    remove: 'Entfernen',
    removeAppOf: 'die Authentifizierungs-App',
    passkey: 'Passkey',
    addPasskey: 'Einen Passkey hinzufügen',
    rename: 'Umbenennen',
    renameOf: 'den Passkey {name}',
    removeOf: 'den Passkey {name}',
    created: 'hinzugefügt {time}',
    lastUsed: 'zuletzt benutzt {time}',
    neverUsed: 'nie benutzt',
    synced: 'auf Ihren Geräten abgeglichen',
    codes: 'Ersatzcodes',
    codesLeft: 'noch {count}',
    codesNone: 'keine mehr',
    newCodes: 'Neue Codes',
    trusted: 'vertraut bis {time}',
  },
}
