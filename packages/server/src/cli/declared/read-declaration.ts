import { compileFields, GatewayError, isGatewayError, parameterError, printable } from '@lobbykey/contract'
import { type Declaration, declaredBrand, declaredMerchant, declaredService } from '@lobbykey/contract/admin'

const sections = ['merchants', 'services', 'brands', 'catalogue']

/** Parses YAML or JSON. @throws GatewayError invalid_parameter, with the place */
export async function readDeclaration(text: string): Promise<Declaration> {
  const whole = (await readYaml(text)) ?? {}
  if (!isMap(whole)) throw parameterError('the file', `must be a map of ${sections.join(', ')}`)
  const stray = Object.keys(whole).find((name) => !sections.includes(name))
  if (stray !== undefined) throw parameterError(printable(stray), `is not one of ${sections.join(', ')}`)
  const { catalogue = null } = whole
  if (catalogue !== null && typeof catalogue !== 'string') throw parameterError('catalogue', 'must be the path of a file')
  return {
    merchants: readItems('merchants', whole.merchants, compileFields(declaredMerchant)),
    services: readItems('services', whole.services, compileFields(declaredService)),
    brands: readItems('brands', whole.brands, compileFields(declaredBrand)),
    catalogue,
  }
}

async function readYaml(text: string): Promise<unknown> {
  // Loaded on demand: 72 files that other verbs do not need.
  const { parseDocument } = await import('yaml')
  const document = parseDocument(text)
  try {
    const [error] = document.errors
    if (error !== undefined) throw error
    return document.toJS()
  } catch (error) {
    throw new GatewayError('invalid_parameter', { message: `the file is not YAML: ${(error as Error).message.split('\n', 1)[0]}` })
  }
}

function readItems<Item>(section: string, value: unknown, check: (fields: Record<string, unknown>) => Item): Record<string, Item> {
  if (value === undefined || value === null) return {}
  if (!isMap(value)) throw parameterError(section, 'must be a map by ID')
  return Object.fromEntries(Object.entries(value).map(([id, item]) => [id, readItem(`${section}.${printable(id)}`, item ?? {}, check)]))
}

function readItem<Item>(place: string, value: unknown, check: (fields: Record<string, unknown>) => Item): Item {
  if (!isMap(value)) throw parameterError(place, 'must be a map of settings')
  try {
    return check(value)
  } catch (error) {
    if (isGatewayError(error)) throw new GatewayError(error.key, { ...error.details, message: `${place}: ${error.details.message}` })
    throw error
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
