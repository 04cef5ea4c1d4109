import { ActButton } from '../../parts/act-button.tsx'
import { t } from '../../texts/texts.ts'

export interface AddMemberProps {
  readonly agentId: string
  readonly label: string
  /** Filled in. */
  readonly userId?: string
  readonly onDone?: () => void
}

export function AddMember({ agentId, label, userId = '', onDone }: AddMemberProps) {
  return (
    <ActButton
      name="member.add"
      label={label}
      fields={[
        { name: 'userId', label: t.members.userId, initial: userId, isRequired: true },
        { name: 'userName', label: t.members.userName },
        { name: 'desc', label: t.members.desc },
      ]}
      input={({ userId: named = '', userName, desc }) => ({
        agentId,
        userId: named,
        ...(userName ? { userName } : {}),
        ...(desc ? { desc } : {}),
      })}
      {...(onDone === undefined ? {} : { onDone })}
    />
  )
}
