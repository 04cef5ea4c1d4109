import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SessionHandles } from '../../../src/core/member-sessions/session-handle.ts'
import { digest, start } from '../../store/samples.ts'

const handles = new SessionHandles(digest('key'))
const session = { tokenHash: digest('token'), createdAt: start }

test('a handle identifies the session it was issued for', () => {
  const handle = handles.issue(session)
  assert.match(handle, /^[\w-]{72}$/)
  const found = handles.find(handle)
  assert.deepEqual([...(found?.tokenHash ?? []), found?.seenAt], [...session.tokenHash, start])
})

test('[check 14] no other spelling and no altered handle is accepted', () => {
  const handle = handles.issue(session)
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  for (let index = 0; index < handle.length; index++) {
    for (const char of alphabet) {
      if (char !== handle[index]) assert.equal(handles.find(handle.slice(0, index) + char + handle.slice(index + 1)), null)
    }
  }
  for (const text of ['', handle.slice(1), `${handle}A`, `${handle}=`, ` ${handle}`, `${handle}\n`]) assert.equal(handles.find(text), null)
  assert.equal(new SessionHandles(digest('other key')).find(handle), null)
})
