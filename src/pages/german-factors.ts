import type { englishFactors } from './english-factors.ts'

/** German words of second factors, passkeys and fresh proofs. */
export const germanFactors: typeof englishFactors = {
  secondStep: {
    title: 'Noch ein Nachweis',
    intro:
      'Ihr Passwort stimmt. Öffnen Sie Ihre Authentifizierungs-App und geben Sie den Code für {app} ein.',
    introPasskey: 'Ihr Passwort stimmt. Benutzen Sie jetzt den Passkey dieses Kontos.',
    introRecovery: 'Ihr Passwort stimmt. Geben Sie jetzt einen Ihrer Ersatzcodes ein.',
    code: 'Code aus Ihrer App',
    codeHint: 'Sechs Ziffern. Ein Code gilt einmal und wechselt alle 30 Sekunden.',
    wrong: 'Dieser Code wurde nicht angenommen. Ein Code gilt einmal: Warten Sie auf den nächsten.',
    recoveryWrong: 'Dieser Code wurde nicht angenommen. Jeder Ersatzcode gilt ein einziges Mal.',
    action: 'Weiter',
    recovery: 'Stattdessen einen Ersatzcode benutzen',
    recoveryCode: 'Ersatzcode',
    recoveryHint:
      'Einer der Codes, die Sie beim Einrichten aufbewahrt haben. Jeder gilt ein einziges Mal.',
    recoveryAction: 'Diesen Code benutzen',
    trust: 'Diesem Browser {time} lang vertrauen: hier keinen Code verlangen',
    trustHint:
      'Nur auf einem Gerät, das niemand sonst benutzt. In Ihrem Konto können Sie es beenden.',
    restart: 'Mit einem anderen Konto anmelden',
    lost: 'App und Ersatzcodes verloren? Bitten Sie die Administration, Ihre zweiten Faktoren zurückzusetzen.',
  },
  passkey: {
    signIn: 'Mit einem Passkey',
    use: 'Passkey benutzen',
    working: 'Ihr Browser fragt nach Ihrem Passkey.',
    failed:
      'Das hat nicht geklappt oder wurde abgebrochen. Nichts ist geschehen; Sie können es noch einmal versuchen.',
    known: 'Auf diesem Gerät gibt es schon einen Passkey für Ihr Konto.',
    refused: 'Dieser Passkey wurde nicht angenommen.',
    noScript:
      'Ein Passkey braucht JavaScript. Schalten Sie es für diese Seite ein oder nehmen Sie einen anderen Weg.',
    cannot:
      'Dieser Browser kann keine Passkeys benutzen. Nehmen Sie einen anderen Weg oder einen anderen Browser.',
    or: 'oder',
  },
  setUp: {
    demandedTitle: 'Konto schützen',
    demanded:
      'Dieses Konto braucht neben dem Passwort einen zweiten Faktor. Richten Sie jetzt einen ein; sobald er funktioniert, sind Sie angemeldet.',
    chooseApp: 'Mit einer Authentifizierungs-App',
    chooseAppText:
      'Eine App auf Ihrem Telefon zeigt alle 30 Sekunden einen neuen Code. Jede App für Einmalcodes ist geeignet.',
    chooseAppAction: 'App einrichten',
    choosePasskey: 'Mit einem Passkey',
    choosePasskeyText:
      'Ihr Fingerabdruck, Ihr Gesicht oder die PIN Ihres Geräts, oder ein Sicherheitsschlüssel. Niemand kann ihn abfischen.',
    choosePasskeyAction: 'Passkey anlegen',
    appTitle: 'Authentifizierungs-App einrichten',
    scan: 'Scannen Sie diesen Code mit der App.',
    qrName: 'QR-Code für Ihre Authentifizierungs-App. Derselbe Schlüssel steht darunter als Text.',
    manual: 'Scannen geht nicht? Geben Sie diesen Schlüssel von Hand ein:',
    manualKind: 'Konto: {account}. Art: zeitbasiert, 6 Ziffern, 30 Sekunden.',
    openApp: 'Die App ist auf diesem Gerät? Öffnen Sie sie mit diesem Link.',
    enter: 'Geben Sie dann den Code ein, den die App zeigt.',
    code: 'Code aus Ihrer App',
    codeHint: 'Sechs Ziffern.',
    action: 'Fertig',
    wrong: 'Dieser Code wurde nicht angenommen.',
    clock:
      'Geht die Uhr Ihres Telefons richtig? Die Codes entstehen aus der Zeit: Ein Telefon, das mehr als eine halbe Minute falsch geht, zeigt falsche. Stellen Sie Datum und Uhrzeit in seinen Einstellungen auf „automatisch“, warten Sie auf den nächsten Code und geben Sie diesen ein.',
    clockTitle: 'Der Code wird nicht angenommen?',
    again: 'Geben Sie den nächsten Code ein, den die App zeigt.',
    anew: 'Mit einem anderen QR-Code neu beginnen',
    replaceNote:
      'Die App, die Sie jetzt benutzen, funktioniert weiter, bis Sie einen Code der neuen eingegeben haben. Danach gilt nur noch die neue.',
    effects:
      'Ist es erledigt, enden alle anderen Sitzungen, vertraute Browser werden wieder gefragt, und wir schicken Ihnen eine E-Mail.',
    appAction: 'QR-Code zeigen',
    back: 'Einen anderen Weg wählen',
  },
  codes: {
    title: 'Ihre Ersatzcodes',
    intro:
      'Jeder dieser Codes meldet Sie einmal an, wenn Sie Ihre App oder Ihren Passkey nicht haben. Drucken Sie sie aus oder bewahren Sie sie bei Ihren Passwörtern auf. Sie werden nur jetzt gezeigt.',
    list: 'Ersatzcodes',
    copy: 'Kopieren',
    copied: 'Kopiert.',
    print: 'Drucken',
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
      'Mit einem Passkey melden Sie sich mit Fingerabdruck, Gesicht oder PIN an, ohne Passwort. Er zählt auch als zweiter Faktor.',
    name: 'Bezeichnung',
    nameHint: 'Damit Sie Ihre Passkeys unterscheiden können, zum Beispiel „Laptop im Büro“.',
    addAction: 'Den Passkey anlegen',
    renameTitle: 'Passkey umbenennen',
    renameIntro: 'Der Passkey {name}.',
    renameAction: 'Bezeichnung speichern',
    removeTitle: 'Passkey entfernen',
    removeIntro: 'Der Passkey {name}. Was geschieht:',
    removeEffects: [
      'Er meldet Sie nicht mehr an und zählt nicht mehr als zweiter Faktor.',
      'Alle anderen Sitzungen enden, und vertraute Browser werden wieder gefragt.',
      'Ihr Gerät zeigt ihn weiterhin. Entfernen Sie ihn auch dort.',
    ],
    removeAction: 'Den Passkey entfernen',
  },
  removeApp: {
    title: 'Authentifizierungs-App entfernen',
    intro: 'Was geschieht:',
    effects: [
      'Codes der App zählen nicht mehr. Ohne einen anderen zweiten Faktor meldet Sie Ihr Passwort allein an.',
      'Alle anderen Sitzungen enden, und vertraute Browser werden wieder gefragt.',
      'Wird von Ihnen ein zweiter Faktor verlangt, brauchen Sie erst einen anderen.',
    ],
    action: 'Die App entfernen',
  },
  prove: {
    title: 'Bestätigen Sie, dass Sie es sind',
    intro:
      'Was Sie vorhaben, ist wichtig. Deshalb fragen wir noch einmal, falls der Bildschirm unbeaufsichtigt war.',
    password: 'Mit Ihrem Passwort bestätigen',
    action: 'Bestätigen',
    required:
      'Das geht nur mit einem zweiten Faktor, und Ihr Konto hat noch keinen. Richten Sie einen ein und kommen Sie dann zurück.',
    requiredAction: 'Zweiten Faktor einrichten',
    cancel: 'Abbrechen',
  },
  factors: {
    title: 'Zweite Faktoren',
    intro: 'Was wir außer dem Passwort verlangen, damit ein gestohlenes Passwort nicht genügt.',
    none: 'Noch keiner. Ihr Passwort allein meldet Sie an.',
    requiredUntil: 'Von Ihnen wird ein zweiter Faktor verlangt. Richten Sie ihn bis {time} ein.',
    required: 'Von Ihnen wird ein zweiter Faktor verlangt.',
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
