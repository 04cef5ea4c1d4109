import type { LobbyTexts } from './lobby-texts.ts'

export const en: LobbyTexts = {
  welcome: (name) => `Welcome, ${name}`,
  entering: 'Entering the lobby…',
  enter: 'Continue',
  entered: 'You are in the lobby.',
  guest: 'Guest',
  betLocked: 'Betting is locked for your account. You can watch, but not bet.',
  game: 'Game',
  table: (id) => `Table ${id}`,
  randomTable: 'Any free table',
  lobby: 'Lobby',
  timeLeft: 'Time left',
  until: 'until',
  currency: 'Currency',
  balance: 'Balance',
  limits: 'Bet limits',
  noLimits: 'The usual limits of each table apply.',
  back: 'Return',
  support: 'Get help',
  ends: {
    logout: { title: 'You have been signed out', text: 'Your session has ended. To play again, go back and enter once more.' },
    lock: {
      title: 'Your account is locked',
      text: 'Your session has ended because your account was locked. Please ask the site you came from.',
    },
    kick: { title: 'Your session was ended', text: 'Staff have ended your session. To play again, go back and enter once more.' },
    replaced: { title: 'You entered somewhere else', text: 'A newer session of yours has taken the place of this one.' },
    erased: { title: 'Your account was removed', text: 'Your session has ended because your account was removed.' },
    expired: { title: 'Your time is up', text: 'Your session has expired. To play again, go back and enter once more.' },
    unknown: {
      title: 'This session is over',
      text: 'It has ended or was never opened. Please go back to where you came from and enter again.',
    },
    elsewhere: { title: 'Another session is open', text: 'This browser has entered the lobby with another session since.' },
  },
  left: {
    title: 'Please enter again',
    text: 'This browser keeps no cookies here, so the page forgot your session when it was loaded again. To play on, go back to where you came from and enter once more.',
  },
  busy: { title: 'One moment', text: 'The lobby cannot be reached just now. Please reload this page.' },
  tooMany: { title: 'One moment', text: 'Too many attempts from your network. Please wait a little and try again.' },
}
