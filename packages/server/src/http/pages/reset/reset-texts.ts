import type { Language } from '../languages.ts'

/** The texts of the page that sets a password. `#` stands for a number. */
export interface ResetTexts {
  readonly title: string
  readonly needsScript: string
  /** `min` and `max`: how many characters. */
  readonly rule: (min: number, max: number) => string
  readonly show: string
  readonly send: string
  readonly length: string
  readonly short: (min: number) => string
  readonly long: (max: number) => string
  /** What the server refuses, where it does not say why in this language. */
  readonly weak: string
  readonly cut: string
  readonly wait: string
  readonly done: string
  readonly over: string
  readonly later: string
  readonly unreachable: string
  readonly support: string
}

export const resetTexts: Readonly<Record<Language, ResetTexts>> = {
  en: {
    title: 'New password',
    needsScript: 'This page needs JavaScript, to keep your link out of the address bar and of every log.',
    rule: (min, max) =>
      `Use ${min} to ${max} characters of any kind: spaces, emoji and every script are welcome, and several words together are easy to remember. Common, repeated and otherwise easily guessed passwords are refused, and so are ones made of your e-mail address.`,
    show: 'Show it',
    send: 'Set the password',
    length: 'Characters: #',
    short: (min) => `That has # characters; at least ${min} are needed.`,
    long: (max) => `That has # characters; at most ${max} are possible.`,
    weak: 'This password is too easy to guess. Please choose another.',
    cut: 'This address lacks its last part. Open the whole link again, as you were given it.',
    wait: 'One moment …',
    done: 'Your password is set. Every earlier login has ended: log in with the new one.',
    over: 'This link is no longer good: it was used, has expired, or there is a newer one. Ask the operator for another.',
    later: 'That did not work just now. Your link is still good: try again in a moment.',
    unreachable: 'The server could not be reached. Try again in a moment.',
    support: 'Get help',
  },
  'zh-Hans': {
    title: '新密码',
    needsScript: '此页面需要 JavaScript，以免您的链接留在地址栏和各种日志中。',
    rule: (min, max) =>
      `请使用 ${min} 至 ${max} 个字符，种类不限：空格、表情符号和任何文字均可，几个词连在一起更容易记住。常见、重复或容易被猜到的密码，以及由您的电子邮箱地址组成的密码将被拒绝。`,
    show: '显示密码',
    send: '设置密码',
    length: '字符数：#',
    short: (min) => `目前为 # 个字符，至少需要 ${min} 个。`,
    long: (max) => `目前为 # 个字符，最多 ${max} 个。`,
    weak: '这个密码太容易被猜到，请换一个。',
    cut: '此地址缺少最后一部分。请重新打开您收到的完整链接。',
    wait: '请稍候…',
    done: '密码已设置。之前的登录均已失效，请使用新密码登录。',
    over: '此链接已失效：已被使用、已过期，或已有更新的链接。请向运营方索取新链接。',
    later: '暂时未能完成。您的链接仍然有效，请稍后再试。',
    unreachable: '无法连接服务器，请稍后再试。',
    support: '联系客服',
  },
  'zh-Hant': {
    title: '新密碼',
    needsScript: '此頁面需要 JavaScript，以免您的連結留在網址列和各種記錄中。',
    rule: (min, max) =>
      `請使用 ${min} 至 ${max} 個字元，種類不限：空格、表情符號和任何文字皆可，幾個詞連在一起更容易記住。常見、重複或容易被猜到的密碼，以及由您的電子郵件地址組成的密碼將被拒絕。`,
    show: '顯示密碼',
    send: '設定密碼',
    length: '字元數：#',
    short: (min) => `目前為 # 個字元，至少需要 ${min} 個。`,
    long: (max) => `目前為 # 個字元，最多 ${max} 個。`,
    weak: '這個密碼太容易被猜到，請換一個。',
    cut: '此網址缺少最後一部分。請重新開啟您收到的完整連結。',
    wait: '請稍候…',
    done: '密碼已設定。先前的登入均已失效，請使用新密碼登入。',
    over: '此連結已失效：已被使用、已過期，或已有更新的連結。請向營運方索取新連結。',
    later: '目前未能完成。您的連結仍然有效，請稍後再試。',
    unreachable: '無法連線至伺服器，請稍後再試。',
    support: '聯絡客服',
  },
  th: {
    title: 'รหัสผ่านใหม่',
    needsScript: 'หน้านี้ต้องใช้ JavaScript เพื่อไม่ให้ลิงก์ของคุณค้างอยู่ในแถบที่อยู่หรือในบันทึกใด ๆ',
    rule: (min, max) =>
      `ใช้อักขระชนิดใดก็ได้ ${min} ถึง ${max} ตัว: ใช้ช่องว่าง อีโมจิ และอักษรทุกภาษาได้ หลายคำรวมกันจะจำง่าย ระบบจะไม่รับรหัสผ่านที่พบบ่อย ซ้ำกัน หรือเดาง่าย รวมถึงรหัสผ่านที่สร้างจากอีเมลของคุณ`,
    show: 'แสดงรหัสผ่าน',
    send: 'ตั้งรหัสผ่าน',
    length: 'จำนวนอักขระ: #',
    short: (min) => `มี # ตัวอักขระ ต้องมีอย่างน้อย ${min} ตัว`,
    long: (max) => `มี # ตัวอักขระ มีได้ไม่เกิน ${max} ตัว`,
    weak: 'รหัสผ่านนี้เดาง่ายเกินไป โปรดเลือกรหัสอื่น',
    cut: 'ที่อยู่นี้ขาดส่วนท้าย โปรดเปิดลิงก์ทั้งหมดที่คุณได้รับอีกครั้ง',
    wait: 'โปรดรอสักครู่…',
    done: 'ตั้งรหัสผ่านแล้ว การเข้าสู่ระบบก่อนหน้านี้สิ้นสุดทั้งหมด โปรดเข้าสู่ระบบด้วยรหัสผ่านใหม่',
    over: 'ลิงก์นี้ใช้ไม่ได้แล้ว: ถูกใช้ไปแล้ว หมดอายุ หรือมีลิงก์ใหม่กว่า โปรดขอลิงก์ใหม่จากผู้ดูแล',
    later: 'ยังดำเนินการไม่สำเร็จ ลิงก์ของคุณยังใช้ได้ โปรดลองใหม่อีกครั้งในอีกสักครู่',
    unreachable: 'ไม่สามารถเชื่อมต่อเซิร์ฟเวอร์ได้ โปรดลองใหม่อีกครั้งในอีกสักครู่',
    support: 'ขอความช่วยเหลือ',
  },
  vi: {
    title: 'Mật khẩu mới',
    needsScript: 'Trang này cần JavaScript để liên kết của bạn không còn lại trong thanh địa chỉ và nhật ký.',
    rule: (min, max) =>
      `Dùng từ ${min} đến ${max} ký tự bất kỳ: dấu cách, biểu tượng cảm xúc và mọi loại chữ đều được; vài từ ghép lại sẽ dễ nhớ. Mật khẩu phổ biến, lặp lại hoặc dễ đoán sẽ bị từ chối, cũng như mật khẩu tạo từ địa chỉ e-mail của bạn.`,
    show: 'Hiện mật khẩu',
    send: 'Đặt mật khẩu',
    length: 'Số ký tự: #',
    short: (min) => `Mới có # ký tự; cần ít nhất ${min}.`,
    long: (max) => `Đang có # ký tự; tối đa là ${max}.`,
    weak: 'Mật khẩu này quá dễ đoán. Vui lòng chọn mật khẩu khác.',
    cut: 'Địa chỉ này thiếu phần cuối. Vui lòng mở lại toàn bộ liên kết mà bạn đã nhận.',
    wait: 'Xin chờ một lát…',
    done: 'Đã đặt mật khẩu. Mọi lần đăng nhập trước đã kết thúc: hãy đăng nhập bằng mật khẩu mới.',
    over: 'Liên kết này không còn dùng được: đã được dùng, đã hết hạn hoặc đã có liên kết mới hơn. Hãy xin nhà vận hành liên kết khác.',
    later: 'Chưa thực hiện được. Liên kết của bạn vẫn dùng được: hãy thử lại sau giây lát.',
    unreachable: 'Không thể kết nối tới máy chủ. Hãy thử lại sau giây lát.',
    support: 'Hỗ trợ',
  },
  id: {
    title: 'Kata sandi baru',
    needsScript: 'Halaman ini memerlukan JavaScript agar tautan Anda tidak tertinggal di bilah alamat dan catatan apa pun.',
    rule: (min, max) =>
      `Gunakan ${min} sampai ${max} karakter apa saja: spasi, emoji, dan semua aksara boleh, dan beberapa kata sekaligus mudah diingat. Kata sandi yang umum, berulang, atau mudah ditebak akan ditolak, begitu pula yang dibuat dari alamat email Anda.`,
    show: 'Tampilkan',
    send: 'Simpan kata sandi',
    length: 'Jumlah karakter: #',
    short: (min) => `Baru # karakter; perlu setidaknya ${min}.`,
    long: (max) => `Ada # karakter; paling banyak ${max}.`,
    weak: 'Kata sandi ini terlalu mudah ditebak. Silakan pilih yang lain.',
    cut: 'Bagian akhir alamat ini tidak ada. Buka lagi tautan lengkap yang Anda terima.',
    wait: 'Mohon tunggu sebentar…',
    done: 'Kata sandi Anda telah disimpan. Semua login sebelumnya telah berakhir: masuklah dengan yang baru.',
    over: 'Tautan ini tidak berlaku lagi: sudah digunakan, kedaluwarsa, atau ada yang lebih baru. Mintalah tautan lain kepada operator.',
    later: 'Belum berhasil. Tautan Anda masih berlaku: coba lagi sebentar lagi.',
    unreachable: 'Server tidak dapat dihubungi. Coba lagi sebentar lagi.',
    support: 'Minta bantuan',
  },
  ko: {
    title: '새 비밀번호',
    needsScript: '링크가 주소창이나 기록에 남지 않도록 이 페이지에는 JavaScript가 필요합니다.',
    rule: (min, max) =>
      `${min}~${max}자를 종류와 관계없이 사용하세요. 공백, 이모지, 모든 문자를 쓸 수 있으며 여러 단어를 이어 쓰면 기억하기 쉽습니다. 흔하거나 반복되거나 쉽게 추측할 수 있는 비밀번호와 이메일 주소로 만든 비밀번호는 사용할 수 없습니다.`,
    show: '비밀번호 표시',
    send: '비밀번호 설정',
    length: '글자 수: #',
    short: (min) => `현재 #자입니다. ${min}자 이상이어야 합니다.`,
    long: (max) => `현재 #자입니다. ${max}자까지 가능합니다.`,
    weak: '추측하기 쉬운 비밀번호입니다. 다른 비밀번호를 선택해 주세요.',
    cut: '주소의 끝부분이 없습니다. 받으신 링크 전체를 다시 열어 주세요.',
    wait: '잠시만 기다려 주세요…',
    done: '비밀번호가 설정되었습니다. 이전 로그인은 모두 종료되었으니 새 비밀번호로 로그인해 주세요.',
    over: '더 이상 사용할 수 없는 링크입니다. 이미 사용되었거나 만료되었거나 더 새로운 링크가 있습니다. 운영자에게 새 링크를 요청해 주세요.',
    later: '지금은 처리하지 못했습니다. 링크는 아직 유효하니 잠시 후 다시 시도해 주세요.',
    unreachable: '서버에 연결할 수 없습니다. 잠시 후 다시 시도해 주세요.',
    support: '도움 받기',
  },
  ja: {
    title: '新しいパスワード',
    needsScript: 'リンクがアドレスバーや記録に残らないよう、このページにはJavaScriptが必要です。',
    rule: (min, max) =>
      `${min}～${max}文字で設定してください。空白、絵文字、どの言語の文字も使えます。いくつかの単語をつなげると覚えやすくなります。よく使われるもの、繰り返しや推測されやすいもの、メールアドレスから作ったものは使えません。`,
    show: 'パスワードを表示',
    send: 'パスワードを設定',
    length: '文字数：#',
    short: (min) => `現在#文字です。${min}文字以上必要です。`,
    long: (max) => `現在#文字です。${max}文字まで使えます。`,
    weak: 'このパスワードは推測されやすいため使えません。別のものをお選びください。',
    cut: 'アドレスの最後の部分がありません。受け取ったリンク全体をもう一度開いてください。',
    wait: '少々お待ちください…',
    done: 'パスワードを設定しました。これまでのログインはすべて終了しました。新しいパスワードでログインしてください。',
    over: 'このリンクは無効です。使用済みか、期限切れか、より新しいリンクがあります。運営者に新しいリンクをご依頼ください。',
    later: '現在処理できませんでした。リンクはまだ有効です。しばらくしてからもう一度お試しください。',
    unreachable: 'サーバーに接続できませんでした。しばらくしてからもう一度お試しください。',
    support: 'お問い合わせ',
  },
  pt: {
    title: 'Nova senha',
    needsScript: 'Esta página precisa de JavaScript, para que seu link não fique na barra de endereços nem em registros.',
    rule: (min, max) =>
      `Use de ${min} a ${max} caracteres de qualquer tipo: espaços, emojis e todos os alfabetos valem, e várias palavras juntas são fáceis de lembrar. Senhas comuns, repetidas ou fáceis de adivinhar são recusadas, assim como as feitas com seu endereço de e-mail.`,
    show: 'Mostrar a senha',
    send: 'Definir a senha',
    length: 'Caracteres: #',
    short: (min) => `São # caracteres; são necessários pelo menos ${min}.`,
    long: (max) => `São # caracteres; o máximo é ${max}.`,
    weak: 'Esta senha é fácil de adivinhar. Escolha outra.',
    cut: 'Falta a última parte deste endereço. Abra de novo o link inteiro, como o recebeu.',
    wait: 'Um momento…',
    done: 'Sua senha foi definida. Todos os acessos anteriores terminaram: entre com a nova.',
    over: 'Este link não vale mais: foi usado, expirou ou há um mais novo. Peça outro ao operador.',
    later: 'Não funcionou agora. Seu link ainda vale: tente de novo em instantes.',
    unreachable: 'Não foi possível acessar o servidor. Tente de novo em instantes.',
    support: 'Obter ajuda',
  },
  ar: {
    title: 'كلمة مرور جديدة',
    needsScript: 'تحتاج هذه الصفحة إلى JavaScript كي لا يبقى رابطك في شريط العنوان أو في أي سجل.',
    rule: (min, max) =>
      `استخدم من ${min} إلى ${max} حرفًا من أي نوع: المسافات والرموز التعبيرية وجميع الأبجديات مسموحة، وعدة كلمات معًا يسهل تذكرها. تُرفض كلمات المرور الشائعة أو المكررة أو سهلة التخمين، وكذلك المكوّنة من بريدك الإلكتروني.`,
    show: 'إظهار كلمة المرور',
    send: 'تعيين كلمة المرور',
    length: 'عدد الأحرف: #',
    short: (min) => `عدد الأحرف #؛ المطلوب ${min} على الأقل.`,
    long: (max) => `عدد الأحرف #؛ الحد الأقصى ${max}.`,
    weak: 'كلمة المرور هذه سهلة التخمين. يُرجى اختيار غيرها.',
    cut: 'ينقص هذا العنوان جزؤه الأخير. افتح الرابط الذي تلقيته كاملًا مرة أخرى.',
    wait: 'لحظة من فضلك…',
    done: 'تم تعيين كلمة المرور. انتهت جميع عمليات الدخول السابقة: سجّل الدخول بكلمة المرور الجديدة.',
    over: 'لم يعد هذا الرابط صالحًا: استُخدم أو انتهت صلاحيته أو يوجد أحدث منه. اطلب رابطًا آخر من المشغّل.',
    later: 'لم ينجح ذلك الآن. ما زال رابطك صالحًا: حاول مجددًا بعد قليل.',
    unreachable: 'تعذّر الوصول إلى الخادم. حاول مجددًا بعد قليل.',
    support: 'طلب المساعدة',
  },
}
