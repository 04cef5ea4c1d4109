/** What the lobby says, in the languages it speaks. */
export interface LobbyTexts {
  readonly welcome: (name: string) => string
  readonly entering: string
  readonly enter: string
  readonly entered: string
  readonly guest: string
  readonly betLocked: string
  readonly game: string
  readonly table: string
  readonly randomTable: string
  readonly lobby: string
  readonly timeLeft: string
  readonly until: string
  readonly account: string
  readonly merchant: string
  readonly currency: string
  readonly language: string
  readonly platform: string
  readonly platforms: Readonly<Record<string, string>>
  readonly balance: string
  readonly limits: string
  readonly noLimits: string
  readonly back: string
  readonly ends: Readonly<Record<EndKind, { readonly title: string; readonly text: string }>>
  readonly busy: { readonly title: string; readonly text: string }
  readonly tooMany: { readonly title: string; readonly text: string }
}

/** Why there is no session to show: how it ended, or that this browser has none, or has another. */
export type EndKind = 'logout' | 'lock' | 'kick' | 'replaced' | 'erased' | 'expired' | 'unknown' | 'elsewhere'

export const endKinds: readonly EndKind[] = ['logout', 'lock', 'kick', 'replaced', 'erased', 'expired', 'unknown', 'elsewhere']

const en: LobbyTexts = {
  welcome: (name) => `Welcome, ${name}`,
  entering: 'Entering the lobby…',
  enter: 'Continue',
  entered: 'You are in the lobby.',
  guest: 'Guest',
  betLocked: 'Betting is locked for your account. You can watch, but not bet.',
  game: 'Game',
  table: 'Table',
  randomTable: 'Any free table',
  lobby: 'Lobby',
  timeLeft: 'Time left',
  until: 'until',
  account: 'Your session',
  merchant: 'Merchant',
  currency: 'Currency',
  language: 'Language',
  platform: 'Platform',
  platforms: { ios: 'iOS app', android: 'Android app', h5: 'Mobile web', web: 'Web' },
  balance: 'Balance',
  limits: 'Bet limits',
  noLimits: 'The usual limits of each table apply.',
  back: 'Return',
  ends: {
    logout: { title: 'You have been signed out', text: 'Your session has ended. To play again, go back and enter once more.' },
    lock: {
      title: 'Your account is locked',
      text: 'Your session has ended because your account was locked. Please ask the site you came from.',
    },
    kick: { title: 'Your session was ended', text: 'An operator has ended your session. To play again, go back and enter once more.' },
    replaced: { title: 'You entered somewhere else', text: 'A newer session of yours has taken the place of this one.' },
    erased: { title: 'Your account was removed', text: 'Your session has ended because your account was removed.' },
    expired: { title: 'Your time is up', text: 'Your session has expired. To play again, go back and enter once more.' },
    unknown: {
      title: 'This session is over',
      text: 'It has ended or was never opened. Please go back to where you came from and enter again.',
    },
    elsewhere: { title: 'Another session is open', text: 'This browser has entered the lobby with another session since.' },
  },
  busy: { title: 'One moment', text: 'The lobby cannot be reached just now. Please reload this page.' },
  tooMany: { title: 'One moment', text: 'Too many attempts from your network. Please wait a little and try again.' },
}

const zh: LobbyTexts = {
  welcome: (name) => `欢迎，${name}`,
  entering: '正在进入大厅…',
  enter: '继续',
  entered: '您已进入大厅。',
  guest: '游客',
  betLocked: '您的账户已被禁止投注，可以观看，但不能下注。',
  game: '游戏',
  table: '桌台',
  randomTable: '任意空闲桌台',
  lobby: '大厅',
  timeLeft: '剩余时间',
  until: '截止',
  account: '本次会话',
  merchant: '商户',
  currency: '货币',
  language: '语言',
  platform: '平台',
  platforms: { ios: 'iOS 应用', android: 'Android 应用', h5: '手机网页', web: '网页' },
  balance: '余额',
  limits: '限红',
  noLimits: '适用各桌台的默认限红。',
  back: '返回',
  ends: {
    logout: { title: '您已退出', text: '会话已结束。如需继续，请返回后重新进入。' },
    lock: { title: '您的账户已被锁定', text: '因账户被锁定，会话已结束。请联系您进入时所用的网站。' },
    kick: { title: '您的会话已被终止', text: '运营人员已终止您的会话。如需继续，请返回后重新进入。' },
    replaced: { title: '您已在别处进入', text: '您较新的会话已取代此会话。' },
    erased: { title: '您的账户已被删除', text: '因账户被删除，会话已结束。' },
    expired: { title: '时间已到', text: '会话已过期。如需继续，请返回后重新进入。' },
    unknown: { title: '会话已结束', text: '该会话已结束或从未开启。请返回来源网站重新进入。' },
    elsewhere: { title: '已打开另一个会话', text: '此浏览器之后又以另一个会话进入了大厅。' },
  },
  busy: { title: '请稍候', text: '暂时无法连接大厅，请刷新页面。' },
  tooMany: { title: '请稍候', text: '来自您所在网络的尝试过多，请稍后再试。' },
}

const vi: LobbyTexts = {
  welcome: (name) => `Chào mừng, ${name}`,
  entering: 'Đang vào sảnh…',
  enter: 'Tiếp tục',
  entered: 'Bạn đang ở trong sảnh.',
  guest: 'Khách',
  betLocked: 'Tài khoản của bạn bị khóa đặt cược. Bạn có thể xem nhưng không thể đặt cược.',
  game: 'Trò chơi',
  table: 'Bàn',
  randomTable: 'Bàn trống bất kỳ',
  lobby: 'Sảnh',
  timeLeft: 'Thời gian còn lại',
  until: 'đến',
  account: 'Phiên của bạn',
  merchant: 'Đối tác',
  currency: 'Tiền tệ',
  language: 'Ngôn ngữ',
  platform: 'Nền tảng',
  platforms: { ios: 'Ứng dụng iOS', android: 'Ứng dụng Android', h5: 'Web di động', web: 'Web' },
  balance: 'Số dư',
  limits: 'Hạn mức cược',
  noLimits: 'Áp dụng hạn mức thông thường của từng bàn.',
  back: 'Quay lại',
  ends: {
    logout: { title: 'Bạn đã đăng xuất', text: 'Phiên của bạn đã kết thúc. Để chơi tiếp, hãy quay lại và vào lần nữa.' },
    lock: {
      title: 'Tài khoản của bạn bị khóa',
      text: 'Phiên đã kết thúc vì tài khoản bị khóa. Vui lòng hỏi trang web mà bạn đã đến từ đó.',
    },
    kick: {
      title: 'Phiên của bạn đã bị kết thúc',
      text: 'Người vận hành đã kết thúc phiên của bạn. Để chơi tiếp, hãy quay lại và vào lần nữa.',
    },
    replaced: { title: 'Bạn đã vào từ nơi khác', text: 'Một phiên mới hơn của bạn đã thay thế phiên này.' },
    erased: { title: 'Tài khoản của bạn đã bị xóa', text: 'Phiên đã kết thúc vì tài khoản bị xóa.' },
    expired: { title: 'Đã hết thời gian', text: 'Phiên của bạn đã hết hạn. Để chơi tiếp, hãy quay lại và vào lần nữa.' },
    unknown: {
      title: 'Phiên này đã kết thúc',
      text: 'Phiên đã kết thúc hoặc chưa từng được mở. Vui lòng quay lại nơi bạn đến và vào lại.',
    },
    elsewhere: { title: 'Một phiên khác đang mở', text: 'Trình duyệt này sau đó đã vào sảnh bằng một phiên khác.' },
  },
  busy: { title: 'Xin chờ một lát', text: 'Hiện không thể kết nối tới sảnh. Vui lòng tải lại trang.' },
  tooMany: { title: 'Xin chờ một lát', text: 'Quá nhiều lần thử từ mạng của bạn. Vui lòng chờ một chút rồi thử lại.' },
}

const th: LobbyTexts = {
  welcome: (name) => `ยินดีต้อนรับ ${name}`,
  entering: 'กำลังเข้าสู่ล็อบบี้…',
  enter: 'ดำเนินการต่อ',
  entered: 'คุณอยู่ในล็อบบี้แล้ว',
  guest: 'ผู้เยี่ยมชม',
  betLocked: 'บัญชีของคุณถูกระงับการเดิมพัน คุณดูได้แต่เดิมพันไม่ได้',
  game: 'เกม',
  table: 'โต๊ะ',
  randomTable: 'โต๊ะว่างใดก็ได้',
  lobby: 'ล็อบบี้',
  timeLeft: 'เวลาที่เหลือ',
  until: 'ถึง',
  account: 'เซสชันของคุณ',
  merchant: 'ร้านค้า',
  currency: 'สกุลเงิน',
  language: 'ภาษา',
  platform: 'แพลตฟอร์ม',
  platforms: { ios: 'แอป iOS', android: 'แอป Android', h5: 'เว็บมือถือ', web: 'เว็บ' },
  balance: 'ยอดคงเหลือ',
  limits: 'วงเงินเดิมพัน',
  noLimits: 'ใช้วงเงินปกติของแต่ละโต๊ะ',
  back: 'กลับ',
  ends: {
    logout: { title: 'คุณออกจากระบบแล้ว', text: 'เซสชันสิ้นสุดแล้ว หากต้องการเล่นต่อ โปรดกลับไปแล้วเข้าใหม่อีกครั้ง' },
    lock: { title: 'บัญชีของคุณถูกล็อก', text: 'เซสชันสิ้นสุดเพราะบัญชีถูกล็อก โปรดสอบถามเว็บไซต์ที่คุณเข้ามา' },
    kick: { title: 'เซสชันของคุณถูกยุติ', text: 'ผู้ดูแลได้ยุติเซสชันของคุณ หากต้องการเล่นต่อ โปรดกลับไปแล้วเข้าใหม่อีกครั้ง' },
    replaced: { title: 'คุณเข้าใช้จากที่อื่น', text: 'เซสชันที่ใหม่กว่าของคุณได้แทนที่เซสชันนี้แล้ว' },
    erased: { title: 'บัญชีของคุณถูกลบ', text: 'เซสชันสิ้นสุดเพราะบัญชีถูกลบ' },
    expired: { title: 'หมดเวลาแล้ว', text: 'เซสชันหมดอายุแล้ว หากต้องการเล่นต่อ โปรดกลับไปแล้วเข้าใหม่อีกครั้ง' },
    unknown: { title: 'เซสชันนี้สิ้นสุดแล้ว', text: 'เซสชันสิ้นสุดแล้วหรือไม่เคยเปิด โปรดกลับไปยังเว็บไซต์ที่คุณมาแล้วเข้าใหม่' },
    elsewhere: { title: 'มีเซสชันอื่นเปิดอยู่', text: 'เบราว์เซอร์นี้ได้เข้าล็อบบี้ด้วยเซสชันอื่นหลังจากนั้น' },
  },
  busy: { title: 'โปรดรอสักครู่', text: 'ขณะนี้ไม่สามารถเชื่อมต่อล็อบบี้ได้ โปรดโหลดหน้านี้ใหม่' },
  tooMany: { title: 'โปรดรอสักครู่', text: 'มีความพยายามจากเครือข่ายของคุณมากเกินไป โปรดรอสักครู่แล้วลองใหม่' },
}

const pt: LobbyTexts = {
  welcome: (name) => `Bem-vindo(a), ${name}`,
  entering: 'Entrando no lobby…',
  enter: 'Continuar',
  entered: 'Você está no lobby.',
  guest: 'Convidado',
  betLocked: 'As apostas estão bloqueadas na sua conta. Você pode assistir, mas não apostar.',
  game: 'Jogo',
  table: 'Mesa',
  randomTable: 'Qualquer mesa livre',
  lobby: 'Lobby',
  timeLeft: 'Tempo restante',
  until: 'até',
  account: 'Sua sessão',
  merchant: 'Parceiro',
  currency: 'Moeda',
  language: 'Idioma',
  platform: 'Plataforma',
  platforms: { ios: 'App iOS', android: 'App Android', h5: 'Web móvel', web: 'Web' },
  balance: 'Saldo',
  limits: 'Limites de aposta',
  noLimits: 'Valem os limites habituais de cada mesa.',
  back: 'Voltar',
  ends: {
    logout: { title: 'Você saiu', text: 'Sua sessão terminou. Para jogar de novo, volte e entre outra vez.' },
    lock: {
      title: 'Sua conta está bloqueada',
      text: 'Sua sessão terminou porque a conta foi bloqueada. Fale com o site de onde você veio.',
    },
    kick: { title: 'Sua sessão foi encerrada', text: 'Um operador encerrou sua sessão. Para jogar de novo, volte e entre outra vez.' },
    replaced: { title: 'Você entrou em outro lugar', text: 'Uma sessão mais nova sua tomou o lugar desta.' },
    erased: { title: 'Sua conta foi removida', text: 'Sua sessão terminou porque a conta foi removida.' },
    expired: { title: 'Seu tempo acabou', text: 'Sua sessão expirou. Para jogar de novo, volte e entre outra vez.' },
    unknown: { title: 'Esta sessão terminou', text: 'Ela terminou ou nunca foi aberta. Volte ao site de onde veio e entre de novo.' },
    elsewhere: { title: 'Outra sessão está aberta', text: 'Depois disso, este navegador entrou no lobby com outra sessão.' },
  },
  busy: { title: 'Um momento', text: 'O lobby não está acessível agora. Recarregue esta página.' },
  tooMany: { title: 'Um momento', text: 'Muitas tentativas da sua rede. Espere um pouco e tente de novo.' },
}

const byLanguage: Readonly<Record<string, LobbyTexts>> = { en, zh, vi, th, pt }

export interface Speech {
  readonly texts: LobbyTexts
  /** BCP 47: what the texts are in, and how dates and numbers are written. */
  readonly locale: string
}

/** How to speak to who asked for these languages, the most wanted first; English when none is spoken here. */
export function speechOf(...languages: readonly (string | undefined)[]): Speech {
  for (const language of languages) {
    const primary = /^[A-Za-z]{2,3}(?=-|$)/.exec(language ?? '')?.[0]?.toLowerCase() ?? ''
    if (!Object.hasOwn(byLanguage, primary) || language === undefined) continue
    return { texts: byLanguage[primary] ?? en, locale: canonicalLocale(language) ?? primary }
  }
  return { texts: en, locale: 'en' }
}

/** Null for a text that looks like a tag and is none. */
function canonicalLocale(language: string): string | null {
  try {
    return Intl.getCanonicalLocales(language)[0] ?? null
  } catch {
    return null
  }
}
