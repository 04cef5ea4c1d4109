import type { LobbyTexts } from './lobby-texts.ts'

export const id: LobbyTexts = {
  welcome: (name) => `Selamat datang, ${name}`,
  entering: 'Memasuki lobi…',
  enter: 'Lanjutkan',
  entered: 'Anda berada di lobi.',
  guest: 'Tamu',
  betLocked: 'Taruhan dikunci untuk akun Anda. Anda dapat menonton, tetapi tidak dapat bertaruh.',
  game: 'Permainan',
  table: (number) => `Meja ${number}`,
  randomTable: 'Meja kosong mana saja',
  lobby: 'Lobi',
  timeLeft: 'Sisa waktu',
  until: 'sampai',
  currency: 'Mata uang',
  balance: 'Saldo',
  limits: 'Batas taruhan',
  noLimits: 'Batas biasa tiap meja berlaku.',
  back: 'Kembali',
  support: 'Minta bantuan',
  ends: {
    logout: { title: 'Anda telah keluar', text: 'Sesi Anda telah berakhir. Untuk bermain lagi, kembalilah dan masuk sekali lagi.' },
    lock: {
      title: 'Akun Anda dikunci',
      text: 'Sesi Anda berakhir karena akun Anda dikunci. Silakan tanyakan kepada situs asal Anda.',
    },
    kick: {
      title: 'Sesi Anda dihentikan',
      text: 'Petugas telah menghentikan sesi Anda. Untuk bermain lagi, kembalilah dan masuk sekali lagi.',
    },
    replaced: { title: 'Anda masuk dari tempat lain', text: 'Sesi Anda yang lebih baru telah menggantikan sesi ini.' },
    erased: { title: 'Akun Anda dihapus', text: 'Sesi Anda berakhir karena akun Anda dihapus.' },
    expired: { title: 'Waktu Anda habis', text: 'Sesi Anda telah kedaluwarsa. Untuk bermain lagi, kembalilah dan masuk sekali lagi.' },
    unknown: {
      title: 'Sesi ini telah berakhir',
      text: 'Sesi ini telah berakhir atau belum pernah dibuka. Silakan kembali ke situs asal Anda dan masuk lagi.',
    },
    elsewhere: { title: 'Sesi lain sedang terbuka', text: 'Sejak itu, peramban ini telah memasuki lobi dengan sesi lain.' },
  },
  left: {
    title: 'Silakan masuk lagi',
    text: 'Peramban ini tidak menyimpan cookie di sini, sehingga sesi Anda hilang saat halaman dimuat ulang. Untuk lanjut bermain, kembalilah ke situs asal Anda dan masuk sekali lagi.',
  },
  busy: { title: 'Mohon tunggu sebentar', text: 'Lobi sedang tidak dapat dihubungi. Silakan muat ulang halaman ini.' },
  tooMany: { title: 'Mohon tunggu sebentar', text: 'Terlalu banyak percobaan dari jaringan Anda. Silakan tunggu sebentar lalu coba lagi.' },
}
