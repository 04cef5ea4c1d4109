import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildLobbyUrl } from '../../../src/core/merchants/lobby-url.ts'

const values = {
  agent_id: 'agent001',
  uid: 'uid001',
  token: 'tokena8c2aaef3880162a',
  language: 'en-US',
  platform: 'h5',
  currency: 'VND2',
  game_code: '101-DYfsRc',
  callback: 'https://h5-uat.aig1234.com/home',
}

test("the contract's sample, with its two typos corrected", () => {
  assert.equal(
    buildLobbyUrl('https://h5-uat.aig1234.com/home', values),
    'https://h5-uat.aig1234.com/home?agent_id=agent001&uid=uid001&token=tokena8c2aaef3880162a&language=en-US&platform=h5&currency=VND2&game_code=101-DYfsRc&callback=https%3A%2F%2Fh5-uat.aig1234.com%2Fhome',
  )
})

test('absent values are left out; a query is kept, a fragment stays last', () => {
  const few = { ...values, game_code: null, callback: null, token: 'a+b=c/d#e?f%g' }
  const tail = 'agent_id=agent001&uid=uid001&token=a%2Bb%3Dc%2Fd%23e%3Ff%25g&language=en-US&platform=h5&currency=VND2'
  assert.equal(buildLobbyUrl('https://l.example/', few), `https://l.example/?${tail}`)
  assert.equal(buildLobbyUrl('https://l.example/?v=1', few), `https://l.example/?v=1&${tail}`)
  assert.equal(buildLobbyUrl('https://l.example/?', few), `https://l.example/?${tail}`)
  assert.equal(buildLobbyUrl('https://l.example/app#/home?x', few), `https://l.example/app?${tail}#/home?x`)
})
