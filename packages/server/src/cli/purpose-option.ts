import { verifyField } from '@lobbykey/contract'
import { purpose } from '@lobbykey/contract/admin'

/** For verbs that read members' data. */
export const purposeOption = [
  '--purpose <text>',
  'why you read it, such as the number of a ticket; kept in the event that it leaves',
  (text: string): string => {
    verifyField('--purpose', purpose, text)
    return text
  },
] as const

/** The options of such a verb. */
export interface PurposeOption {
  readonly purpose?: string
}
