import { factText, GatewayError, printable, signedCalls } from '@lobbykey/contract'
import type { AdminOutput } from '@lobbykey/contract/admin'
import { type ExplainQuestion, explainRequest, findText, toQuestion } from '../core/explain/explain-request.ts'
import type { Explanation } from '../core/explain/explain-signature.ts'
import { passedSignature } from '../core/explain/passed-signature.ts'
import { merchantNotFound } from '../core/merchants/merchant-admin.ts'
import { openRequest } from '../core/records/kept-request.ts'
import { searchTraces } from '../core/records/trace-search.ts'
import type { StoredTrace } from '../store/store.ts'
import { type Caller, merchantsOf } from './caller.ts'
import { cursorParts, decodeCursor, encodeCursor } from './pages.ts'
import type { Handlers, OperationParts } from './parts.ts'
import { periodOf, timeOf, timeValue } from './times.ts'

type Names = 'trace.list' | 'trace.show' | 'trace.explain' | 'explain.request'

export function traceHandlers({ store, clock, sealer, explain, publishedKeys, publicUrl }: OperationParts): Handlers<Names> {
  const find = async (requestId: string, caller: Caller) => {
    const trace = await store.traces.find(requestId)
    const isShown = trace !== null && (caller.agentIds === null || caller.agentIds.includes(trace.agentId ?? ''))
    if (!isShown) throw noTrace(requestId)
    return trace
  }
  const explainFor = async (caller: Caller, question: ExplainQuestion) => {
    const origin = await publicUrl().catch(() => null)
    const sources = { store, sealer: await sealer(), clock, publishedKeys, explain, knownTo: caller.agentIds, origin }
    const explanation = await explainRequest(sources, question)
    if (explanation === null) throw merchantNotFound(findText(question.body, 'agent_id') ?? '')
    return explanation
  }
  const explainTraced = async (requestId: string, caller: Caller, hashed: string | null): Promise<Explanation> => {
    const trace = await find(requestId, caller)
    const step = trace.steps.find(({ name }) => name === 'signature')
    const call = signedCalls.find(({ name }) => name === trace.call)
    if (step === undefined || call === undefined) {
      const { name } = trace.steps.at(-1) ?? { name: 'none' }
      throw new GatewayError('conflict', {
        message: `its signature was not looked at: the call was decided at the step ${name}; see its trace`,
      })
    }
    if (step.passed) return passedSignature()
    const text = openRequest(await sealer(), trace)
    if (text === null)
      throw new GatewayError('not_found', {
        message: 'the request was not kept with its trace: it is too long, or of an earlier release',
      })
    const { body } = toQuestion(text, call.name, null)
    return explainFor(caller, { call, body, now: trace.at, text: hashed })
  }
  return {
    'trace.list': async ({ limit = 50, cursor, agentId, failed, after, since, until, ...wanted }, caller) => {
      const agentIds = merchantsOf(caller, agentId)
      if (agentId !== undefined && (await store.merchants.load([agentId])).length === 0) throw merchantNotFound(agentId)
      const filter = {
        agentIds,
        onlyFailed: failed,
        ...periodOf({ since, until }),
        after: after === undefined ? undefined : positionOf(after),
      }
      const { traces, next } = await searchTraces(
        store.traces,
        { ...filter, before: cursor === undefined ? undefined : placeOf(cursor) },
        wanted,
        limit,
      )
      return {
        items: traces.map(traceView),
        nextCursor: next === null ? null : encodeCursor(JSON.stringify([next.at, next.isStranger ? 1 : 0, next.id])),
      }
    },

    'trace.show': async ({ requestId }, caller) => traceView(await find(requestId, caller)),

    'trace.explain': async ({ requestId }, caller) => view(await explainTraced(requestId, caller, null)),

    'explain.request': async ({ request, requestId, call: name, text = null, at }, caller) => {
      if ((request === undefined) === (requestId === undefined))
        throw new GatewayError('invalid_parameter', { message: 'give either request or requestId', field: 'request' })
      if (requestId !== undefined) return view(await explainTraced(requestId, caller, text))
      const question = toQuestion(request ?? '', name ?? null, timeOf('at', at) ?? null)
      const agentId = findText(question.body, 'agent_id')
      if (agentId === null)
        throw new GatewayError('invalid_parameter', { message: 'the request names no merchant in agent_id', field: 'request' })
      merchantsOf(caller, agentId)
      return view(await explainFor(caller, { ...question, text }))
    },
  }
}

function noTrace(requestId: string): GatewayError {
  const message = `there is no trace of request ${printable(requestId)}: it is written within seconds, kept for TRACE_HOURS, and left out under load`
  return new GatewayError('not_found', { message })
}

function placeOf(cursor: string) {
  const [at, stranger, id] = cursorParts(decodeCursor(cursor), ['number', 'number', 'number'])
  return { at, isStranger: stranger === 1, id }
}

function positionOf(after: string) {
  const [known = 0, strangers = 0] = after.split('.').map(Number)
  return { known, strangers }
}

function traceView({ id: number, at, keptRequest, ...trace }: StoredTrace): AdminOutput<'trace.show'> {
  const step = trace.steps.find(({ name }) => name === 'signature')
  const canExplain = step !== undefined && (step.passed || keptRequest !== undefined)
  const steps = trace.steps.map((each) => (each.facts === undefined ? each : { ...each, fact: factText(each.facts) }))
  return JSON.parse(JSON.stringify({ number, at: timeValue(at), ...trace, steps, canExplain })) as AdminOutput<'trace.show'>
}

function view(explanation: Explanation): AdminOutput<'trace.explain'> {
  return explanation as unknown as AdminOutput<'trace.explain'>
}
