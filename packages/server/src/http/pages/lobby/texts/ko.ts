import type { LobbyTexts } from './lobby-texts.ts'

export const ko: LobbyTexts = {
  welcome: (name) => `${name} 님, 환영합니다`,
  entering: '로비에 입장하는 중…',
  enter: '계속',
  entered: '로비에 입장했습니다.',
  guest: '게스트',
  betLocked: '계정의 베팅이 제한되었습니다. 관전은 가능하지만 베팅할 수 없습니다.',
  game: '게임',
  table: (id) => `${id}번 테이블`,
  randomTable: '비어 있는 아무 테이블',
  lobby: '로비',
  timeLeft: '남은 시간',
  until: '종료',
  currency: '통화',
  balance: '잔액',
  limits: '베팅 한도',
  noLimits: '각 테이블의 기본 한도가 적용됩니다.',
  back: '돌아가기',
  support: '도움 받기',
  ends: {
    logout: { title: '로그아웃되었습니다', text: '세션이 종료되었습니다. 다시 플레이하려면 돌아가서 다시 입장해 주세요.' },
    lock: { title: '계정이 잠겼습니다', text: '계정이 잠겨 세션이 종료되었습니다. 이용하시던 사이트에 문의해 주세요.' },
    kick: {
      title: '세션이 종료되었습니다',
      text: '담당자가 세션을 종료했습니다. 다시 플레이하려면 돌아가서 다시 입장해 주세요.',
    },
    replaced: { title: '다른 곳에서 입장했습니다', text: '더 최근의 세션이 이 세션을 대신합니다.' },
    erased: { title: '계정이 삭제되었습니다', text: '계정이 삭제되어 세션이 종료되었습니다.' },
    expired: { title: '시간이 다 되었습니다', text: '세션이 만료되었습니다. 다시 플레이하려면 돌아가서 다시 입장해 주세요.' },
    unknown: {
      title: '세션을 사용할 수 없습니다',
      text: '세션이 종료되었거나 열린 적이 없습니다. 이용하시던 사이트로 돌아가 다시 입장해 주세요.',
    },
    elsewhere: { title: '다른 세션이 열려 있습니다', text: '이 브라우저에서 이후 다른 세션으로 로비에 입장했습니다.' },
  },
  left: {
    title: '다시 입장해 주세요',
    text: '이 브라우저에서는 쿠키가 저장되지 않아 페이지를 새로고침하면서 세션 정보가 사라졌습니다. 계속 플레이하려면 이용하시던 사이트로 돌아가 다시 입장해 주세요.',
  },
  busy: { title: '잠시만 기다려 주세요', text: '지금은 로비에 연결할 수 없습니다. 페이지를 새로고침해 주세요.' },
  tooMany: { title: '잠시만 기다려 주세요', text: '사용 중인 네트워크에서 시도가 너무 많았습니다. 잠시 후 다시 시도해 주세요.' },
}
