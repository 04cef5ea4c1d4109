/** The texts of the sign-in page, in the console's languages. `#` stands for what the page knows: a name, a time, a label. */
export interface SignInTexts {
  readonly title: string
  readonly needsScript: string
  readonly email: string
  readonly password: string
  readonly code: string
  readonly signIn: string
  readonly usePasskey: string
  readonly useSso: string
  readonly withPasskey: string
  readonly withPasskeySays: string
  readonly makePasskey: string
  readonly withPassword: string
  readonly newPassword: string
  readonly secret: string
  readonly openApp: string
  readonly newCode: string
  readonly setUp: string
  readonly openConsole: string
  readonly codes: string
  readonly codesSay: string
  readonly confirmation: string
  readonly confirmCode: string
  readonly confirm: string
  readonly confirmPasskey: string
  readonly confirmSso: string
  readonly passkeys: string
  readonly passkeyName: string
  readonly passkeyNameHint: string
  readonly addPasskey: string
  readonly linkSso: string
  readonly signOut: string
  /** What the script says. */
  readonly says: {
    readonly wait: string
    readonly welcome: string
    readonly again: string
    readonly signedIn: string
    readonly needsConfirmation: string
    readonly confirmedUntil: string
    readonly firstPasskey: string
    readonly noPasskeys: string
    readonly added: string
    readonly linked: string
    readonly noPasskeyUsed: string
    readonly passkeyNeedsName: string
    readonly unreachable: string
    readonly request: string
    readonly toProvider: string
    /** By the key of the problem; for others the server's words. */
    readonly problems: Readonly<Record<string, string>>
  }
}

export type SignInLanguage = 'en' | 'de' | 'zh-Hans'

export const signInTexts: Readonly<Record<SignInLanguage, SignInTexts>> = {
  en: {
    title: 'Sign in',
    needsScript: 'This page needs JavaScript, to keep your link out of the address bar and of every log.',
    email: 'E-mail',
    password: 'Password',
    code: 'Code of your app, or a recovery code',
    signIn: 'Sign in',
    usePasskey: 'Use a passkey',
    useSso: 'Sign in with #',
    withPasskey: 'With a passkey',
    withPasskeySays: 'Your device or security key makes it, and asks for your finger, face or PIN.',
    makePasskey: 'Make a passkey',
    withPassword: 'With a password and an app',
    newPassword: 'New password (15 to 256 characters)',
    secret: 'Add this secret to an authenticator app:',
    openApp: 'Open the app',
    newCode: 'Six digits that the app shows',
    setUp: 'Set it up',
    openConsole: 'Open the console',
    codes: 'Recovery codes',
    codesSay:
      'Each works once, in place of a code of the app. They are shown only now: print them or keep them where your password is not.',
    confirmation: 'Confirmation',
    confirmCode: 'What the app shows, to confirm',
    confirm: 'Confirm',
    confirmPasskey: 'Confirm with a passkey',
    confirmSso: 'Confirm with #',
    passkeys: 'Passkeys',
    passkeyName: 'Name of a new passkey, if you like',
    passkeyNameHint: 'Its kind and today’s date',
    addPasskey: 'Add a passkey',
    linkSso: 'Sign in with # from now on',
    signOut: 'Sign out',
    says: {
      wait: 'One moment …',
      welcome: 'Welcome',
      again: 'Set up your sign-in anew',
      signedIn: 'Signed in',
      needsConfirmation: 'What changes who has access takes a fresh confirmation, which counts for five minutes.',
      confirmedUntil: 'You have confirmed: until # you can do what takes a confirmation.',
      firstPasskey: 'Add a passkey within five minutes of signing in: you confirm with it from then on.',
      noPasskeys: 'There is none yet.',
      added: 'The passkey is added: #.',
      linked: 'From now on you sign in with #, which also decides what you may do here.',
      noPasskeyUsed: 'No passkey was used. Try again, or do it another way.',
      passkeyNeedsName: 'Passkeys need an address with a name. Open this page by the name of the server.',
      unreachable: 'The server could not be reached. Try again in a moment.',
      request: 'Request #',
      toProvider: 'You are being sent to # …',
      problems: {},
    },
  },
  de: {
    title: 'Anmelden',
    needsScript: 'Diese Seite braucht JavaScript, damit Ihr Link weder in der Adresszeile noch in einem Protokoll bleibt.',
    email: 'E-Mail',
    password: 'Passwort',
    code: 'Code Ihrer App oder ein Wiederherstellungscode',
    signIn: 'Anmelden',
    usePasskey: 'Passkey benutzen',
    useSso: 'Anmelden mit #',
    withPasskey: 'Mit einem Passkey',
    withPasskeySays: 'Ihr Gerät oder Sicherheitsschlüssel erzeugt ihn und fragt nach Finger, Gesicht oder PIN.',
    makePasskey: 'Passkey erzeugen',
    withPassword: 'Mit Passwort und App',
    newPassword: 'Neues Passwort (15 bis 256 Zeichen)',
    secret: 'Fügen Sie dieses Geheimnis einer Authenticator-App hinzu:',
    openApp: 'App öffnen',
    newCode: 'Sechs Ziffern, die die App zeigt',
    setUp: 'Einrichten',
    openConsole: 'Konsole öffnen',
    codes: 'Wiederherstellungscodes',
    codesSay:
      'Jeder gilt einmal, anstelle eines Codes der App. Sie werden nur jetzt gezeigt: Drucken Sie sie aus oder bewahren Sie sie getrennt von Ihrem Passwort auf.',
    confirmation: 'Bestätigung',
    confirmCode: 'Was die App zeigt, zur Bestätigung',
    confirm: 'Bestätigen',
    confirmPasskey: 'Mit Passkey bestätigen',
    confirmSso: 'Bestätigen mit #',
    passkeys: 'Passkeys',
    passkeyName: 'Name eines neuen Passkeys, wenn Sie möchten',
    passkeyNameHint: 'Seine Art und das heutige Datum',
    addPasskey: 'Passkey hinzufügen',
    linkSso: 'Ab jetzt mit # anmelden',
    signOut: 'Abmelden',
    says: {
      wait: 'Einen Moment …',
      welcome: 'Willkommen',
      again: 'Anmeldung neu einrichten',
      signedIn: 'Angemeldet',
      needsConfirmation: 'Was ändert, wer Zugang hat, braucht eine frische Bestätigung; sie gilt fünf Minuten.',
      confirmedUntil: 'Sie haben bestätigt: Bis # können Sie tun, was eine Bestätigung braucht.',
      firstPasskey: 'Fügen Sie innerhalb von fünf Minuten nach der Anmeldung einen Passkey hinzu: Damit bestätigen Sie von da an.',
      noPasskeys: 'Es gibt noch keinen.',
      added: 'Der Passkey ist hinzugefügt: #.',
      linked: 'Von jetzt an melden Sie sich mit # an; dort wird auch entschieden, was Sie hier dürfen.',
      noPasskeyUsed: 'Es wurde kein Passkey benutzt. Versuchen Sie es erneut oder auf anderem Weg.',
      passkeyNeedsName: 'Passkeys brauchen eine Adresse mit einem Namen. Öffnen Sie diese Seite unter dem Namen des Servers.',
      unreachable: 'Der Server ist nicht erreichbar. Versuchen Sie es gleich noch einmal.',
      request: 'Anfrage #',
      toProvider: 'Sie werden zu # weitergeleitet …',
      problems: {
        sso_failed:
          'Die Anmeldung wurde abgebrochen, dauerte über zehn Minuten, begann in einem anderen Browser oder Tab, oder die Antwort des Anbieters ist ungültig. Beginnen Sie noch einmal.',
        sso_no_role: 'Der Anbieter gibt Ihnen auf diesem Server keine Rolle. Wenden Sie sich an die Stelle, die Ihr Konto dort verwaltet.',
        sso_disabled: 'Ihr Konto auf diesem Server ist gesperrt. Bitten Sie einen Owner, es freizugeben.',
        sso_email_taken:
          'Es gibt schon ein Konto mit Ihrer E-Mail, das sich nicht über den Anbieter anmeldet. Melden Sie sich dort wie bisher an, bestätigen Sie, und verknüpfen Sie es selbst.',
        sso_other_account:
          'Beim Anbieter ist jemand anderes angemeldet als hier. Melden Sie sich an einer der Stellen ab und mit dem richtigen Konto wieder an.',
        sso_unavailable: 'Der Anbieter antwortet nicht oder weist diesen Server ab. Versuchen Sie es gleich noch einmal.',
        sso_check_due: 'Der Anbieter muss Ihr Konto wieder bestätigen. Melden Sie sich noch einmal an.',
      },
    },
  },
  'zh-Hans': {
    title: '登录',
    needsScript: '此页面需要 JavaScript，以免您的链接留在地址栏或日志中。',
    email: '电子邮箱',
    password: '密码',
    code: '应用中的验证码，或恢复代码',
    signIn: '登录',
    usePasskey: '使用通行密钥',
    useSso: '使用 # 登录',
    withPasskey: '使用通行密钥',
    withPasskeySays: '由您的设备或安全密钥生成，并会要求指纹、面容或 PIN。',
    makePasskey: '创建通行密钥',
    withPassword: '使用密码和应用',
    newPassword: '新密码（15 至 256 个字符）',
    secret: '将此密钥添加到身份验证器应用：',
    openApp: '打开应用',
    newCode: '应用显示的六位数字',
    setUp: '完成设置',
    openConsole: '打开控制台',
    codes: '恢复代码',
    codesSay: '每个代码可代替应用验证码使用一次。仅在此时显示：请打印，或与密码分开保存。',
    confirmation: '确认',
    confirmCode: '输入应用显示的数字以确认',
    confirm: '确认',
    confirmPasskey: '使用通行密钥确认',
    confirmSso: '使用 # 确认',
    passkeys: '通行密钥',
    passkeyName: '新通行密钥的名称（可选）',
    passkeyNameHint: '其类型和今天的日期',
    addPasskey: '添加通行密钥',
    linkSso: '今后使用 # 登录',
    signOut: '退出登录',
    says: {
      wait: '请稍候 …',
      welcome: '欢迎',
      again: '重新设置登录方式',
      signedIn: '已登录',
      needsConfirmation: '更改访问权限的操作需要重新确认，确认在五分钟内有效。',
      confirmedUntil: '您已确认：在 # 之前可以执行需要确认的操作。',
      firstPasskey: '请在登录后五分钟内添加通行密钥，今后用它来确认。',
      noPasskeys: '尚无通行密钥。',
      added: '已添加通行密钥：#。',
      linked: '今后您使用 # 登录，您在此处的权限也由其决定。',
      noPasskeyUsed: '未使用通行密钥。请重试，或换一种方式。',
      passkeyNeedsName: '通行密钥需要带名称的地址。请用服务器名称打开此页面。',
      unreachable: '无法连接服务器。请稍后重试。',
      request: '请求 #',
      toProvider: '正在转到 # …',
      problems: {
        sso_failed: '登录已取消、超过十分钟、在其他浏览器或标签页中开始，或者提供方的答复无效。请重新开始。',
        sso_no_role: '提供方没有给您此服务器上的角色。请联系管理您账户的人员。',
        sso_disabled: '您在此服务器上的账户已停用。请所有者启用。',
        sso_email_taken: '已有账户使用您的电子邮箱，但它不使用单点登录。请照常登录该账户，确认后自行关联。',
        sso_other_account: '提供方登录的账户与此处不同。请在其中一处退出，然后使用正确的账户登录。',
        sso_unavailable: '单点登录提供方没有应答，或拒绝了此服务器。请稍后重试。',
        sso_check_due: '提供方需要重新确认您的账户。请再次登录。',
      },
    },
  },
}
