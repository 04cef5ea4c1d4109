import type { LobbyTexts } from './lobby-texts.ts'

export const vi: LobbyTexts = {
  welcome: (name) => `Chào mừng, ${name}`,
  entering: 'Đang vào sảnh…',
  enter: 'Tiếp tục',
  entered: 'Bạn đang ở trong sảnh.',
  guest: 'Khách',
  betLocked: 'Tài khoản của bạn bị khóa đặt cược. Bạn có thể xem nhưng không thể đặt cược.',
  game: 'Trò chơi',
  table: (id) => `Bàn ${id}`,
  randomTable: 'Bàn trống bất kỳ',
  lobby: 'Sảnh',
  timeLeft: 'Thời gian còn lại',
  until: 'đến',
  currency: 'Tiền tệ',
  balance: 'Số dư',
  limits: 'Hạn mức cược',
  noLimits: 'Áp dụng hạn mức thông thường của từng bàn.',
  back: 'Quay lại',
  support: 'Hỗ trợ',
  ends: {
    logout: { title: 'Bạn đã đăng xuất', text: 'Phiên của bạn đã kết thúc. Để chơi tiếp, hãy quay lại và vào lần nữa.' },
    lock: {
      title: 'Tài khoản của bạn bị khóa',
      text: 'Phiên đã kết thúc vì tài khoản bị khóa. Vui lòng liên hệ trang web mà bạn đã truy cập từ đó.',
    },
    kick: {
      title: 'Phiên của bạn đã bị kết thúc',
      text: 'Nhân viên đã kết thúc phiên của bạn. Để chơi tiếp, hãy quay lại và vào lần nữa.',
    },
    replaced: { title: 'Bạn đã vào từ nơi khác', text: 'Một phiên mới hơn của bạn đã thay thế phiên này.' },
    erased: { title: 'Tài khoản của bạn đã bị xóa', text: 'Phiên đã kết thúc vì tài khoản bị xóa.' },
    expired: { title: 'Đã hết thời gian', text: 'Phiên của bạn đã hết hạn. Để chơi tiếp, hãy quay lại và vào lần nữa.' },
    unknown: {
      title: 'Phiên này đã kết thúc',
      text: 'Phiên đã kết thúc hoặc chưa từng được mở. Vui lòng quay lại trang trước đó và vào lại.',
    },
    elsewhere: { title: 'Một phiên khác đang mở', text: 'Trình duyệt này sau đó đã vào sảnh bằng một phiên khác.' },
  },
  left: {
    title: 'Vui lòng vào lại',
    text: 'Trình duyệt này không lưu cookie tại đây nên phiên của bạn đã mất khi trang được tải lại. Để chơi tiếp, hãy quay lại trang trước đó và vào lần nữa.',
  },
  busy: { title: 'Xin chờ một lát', text: 'Hiện không thể kết nối tới sảnh. Vui lòng tải lại trang.' },
  tooMany: { title: 'Xin chờ một lát', text: 'Quá nhiều lần thử từ mạng của bạn. Vui lòng chờ một chút rồi thử lại.' },
}
