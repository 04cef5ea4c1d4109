/** Files as saved by spreadsheets, with the separators and encodings of various countries. */
import assert from 'node:assert/strict'
import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { hash } from '@node-rs/bcrypt'
import { csvLine, parseCsv } from '../../src/core/base/csv.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { testStores } from '../support/stores.ts'
import { CommandLine, temporaryFolder } from './command-line.ts'

const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16()

/** One table, made by `rows` for each, as various spreadsheets save it. */
function asDesksSave(rows: (name: string) => string[][]): Record<string, string | Buffer> {
  const table = (lines: string[][], separator = ',', end = '\n') => lines.map((cells) => cells.join(separator)).join(end)
  return {
    mark: `\ufeff${table(rows('mark'))}`,
    utf16le: Buffer.from(`\ufeff${table(rows('utf16le'), '\t', '\r\n')}`, 'utf16le'),
    utf16be: utf16be(`\ufeff${table(rows('utf16be'))}`),
    crlf: table(rows('crlf'), ',', '\r\n'),
    cr: table(rows('cr'), ',', '\r'),
    semicolon: table(rows('semicolon'), ';', '\r\n'),
    tab: table(rows('tab'), '\t'),
    quoted: table(
      rows('quoted').map((cells) => cells.map((cell) => `"${cell}"`)),
      ';',
    ),
    case: table(rows('case').map((cells, index) => (index === 0 ? cells.map((cell) => ` ${cell.toUpperCase()} `) : cells))),
    sep: `sep=;\r\n${table(rows('sep'), ';', '\r\n')}`,
    septab: Buffer.from(`\ufeff"sep=\t"\r\n${table(rows('septab'), '\t', '\r\n')}`, 'utf16le'),
    emptyrows: `${table(rows('emptyrows'))}\n,,\n\n ,,\n`,
    emptycolumns: table(rows('emptycolumns').map((cells) => [...cells, '', ''])),
  }
}

describe('spreadsheet files', () => {
  let gateway: TestGateway
  let command: CommandLine
  let passwordHash: string
  before(async () => {
    gateway = await startTestGateway()
    command = new CommandLine({
      DATABASE_URL: gateway.settings.databaseUrl,
      MASTER_KEY: Buffer.from(gateway.settings.masterKey).toString('base64'),
    })
    passwordHash = await hash('old short one', { cost: 4 })
  })
  after(() => gateway.close())

  test('sellers from any spreadsheet: byte order marks, UTF-16, any line break and separator, headings in any case, empty rows and columns', async (context) => {
    const folder = await temporaryFolder(context)
    const rows = (name: string) => [
      ['email', 'passwordHash', 'status'],
      [`${name}@desk.example`, passwordHash, 'enabled'],
    ]
    for (const [name, content] of Object.entries(asDesksSave(rows))) {
      const file = join(folder, `${name}.csv`)
      await writeFile(file, content)
      const { exitCode, output, errorOutput } = await command.run(['seller', 'import', file, '--json'])
      assert.equal(exitCode, 0, `${name}: ${errorOutput}`)
      assert.deepEqual(JSON.parse(output), { added: 1, existing: 0, refused: [] }, name)
      assert.equal((await command.run(['seller', 'show', `${name}@desk.example`])).exitCode, 0, name)
    }
  })

  test('unreadable files are explained', async (context) => {
    const folder = await temporaryFolder(context)
    const rows = `email,passwordHash\na@desk.example,${passwordHash}`
    const files: [string, string | Buffer, RegExp][] = [
      ['UTF-16 without a mark', Buffer.from(rows, 'utf16le'), /UTF-16 without a byte order mark/],
      ['a workbook', Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(60)]), /is a workbook: save it as CSV/],
      ['another encoding', Buffer.from('email,status\nm\xfcller@desk.example,enabled', 'latin1'), /not UTF-8: save it as UTF-8/],
      [
        'a part in another encoding',
        Buffer.concat([Buffer.from(`email,status\r\n${'é@desk.example,enabled\r\n'.repeat(9_999)}`), Buffer.from('m\xfc', 'latin1')]),
        /line 10001 is not UTF-8.*; lines 1 to [1-9]000 are done: the same file can be run again/,
      ],
      ['half a letter at the end', Buffer.concat([Buffer.from(`${rows}\n`), Buffer.from([0xc3])]), /line 3 is not UTF-8/],
      ['UTF-16 with half a pair', Buffer.from(`\ufeffemail,status\r\na@desk.example,\ud800\r\n`, 'utf16le'), /line 2 is not UTF-16/],
      [
        'no heading',
        rows.split('\n')[1] ?? '',
        /line 1 is not the heading of this file: it has to name the columns, which are email, passwordHash, status/,
      ],
      ['another separator', rows.replaceAll(',', '|'), /separated by \|/],
      [
        'an unknown column',
        `email,password\na@desk.example,secret`,
        /"?password"? is not a column here; columns are email, passwordHash, status/,
      ],
      ['a column twice', `email,Email,passwordHash`, /column email appears twice/],
      ['commas of a Chinese keyboard', rows.replaceAll(',', '，'), /separated by ，/],
      ['a heading with a stray quote', `"email"; "passwordHash"\n${rows}`, /line 1 has a quote where none may stand/],
      ['a heading with an open quote', `email,"passwordHash\n${rows}`, /line 1 has a quote that is not closed on the line/],
      ['nothing', '', /is empty$/m],
      ['blank lines', '\ufeff\r\n \r\n', /is empty$/m],
    ]
    for (const [name, content, message] of files) {
      const file = join(folder, `${name}.csv`)
      await writeFile(file, content)
      const { exitCode, errorOutput } = await command.run(['seller', 'import', file])
      assert.equal(exitCode, 2, `${name}: ${errorOutput}`)
      assert.match(errorOutput, message, name)
    }
  })

  test('standard input is read under the name -', async () => {
    const rows = `email,passwordHash\npiped@desk.example,${passwordHash}`
    for (const text of [rows, JSON.stringify({ email: 'piped@desk.example', passwordHash })])
      assert.match((await command.run(['seller', 'import', '-', '--dry-run'], text)).output, /^1 line could be added/)
    assert.equal((await command.run(['seller', 'import', '-'], rows)).exitCode, 0)
    assert.equal((await command.run(['seller', 'show', 'piped@desk.example'])).exitCode, 0)
    assert.match((await command.run(['seller', 'import', '-'])).errorOutput, /standard input is empty/)
    const { text } = await command.json<{ text: string }>(['catalogue', 'export', '--form', 'csv'])
    assert.match((await command.run(['catalogue', 'import', '-', '--dry-run'], text)).output, /already has this catalogue/)
  })

  test('JSON that is one document, not an object per line, and a folder say so', async (context) => {
    const folder = await temporaryFolder(context)
    const sellers = [
      { email: 'a@desk.example', passwordHash },
      { email: 'b@desk.example', passwordHash },
    ]
    const file = join(folder, 'sellers.json')
    for (const content of [
      JSON.stringify(sellers),
      JSON.stringify(sellers, null, 2),
      `[${sellers.map((seller) => JSON.stringify(seller)).join(',\n')}]`,
      JSON.stringify(sellers[0], null, '\t').replaceAll('\n', '\r\n'),
    ]) {
      await writeFile(file, content)
      const { exitCode, errorOutput } = await command.run(['seller', 'import', file])
      assert.deepEqual([exitCode, /is a JSON array, or an object over several lines/.test(errorOutput)], [2, true], content)
    }
    const { exitCode, errorOutput } = await command.run(['seller', 'import', folder])
    assert.deepEqual([exitCode, /is a folder/.test(errorOutput)], [2, true], errorOutput)
  })

  test('a file of 100 MB is refused by its size where it is read whole, and by its first endless line where it is read in parts', async (context) => {
    const file = join(await temporaryFolder(context), 'large.csv')
    await writeFile(file, '')
    await truncate(file, 100 * 1024 * 1024)
    for (const words of [
      ['catalogue', 'import', file],
      ['apply', '-f', file, '--yes'],
      ['explain', file],
    ]) {
      const { exitCode, errorOutput } = await command.run(words)
      assert.equal(exitCode, 2, words.join(' '))
      assert.match(errorOutput, /large\.csv: is larger than 16 MiB/)
    }
    await writeFile(file, `email,passwordHash\n${'a'.repeat(1_000_000)}\n`)
    const { exitCode, errorOutput } = await command.run(['seller', 'import', file])
    assert.deepEqual([exitCode, /line 2 is longer than 400000 characters/.test(errorOutput)], [2, true], errorOutput)
  })

  test('an invalid line is refused by its number in the file, and the others are imported', async (context) => {
    const file = join(await temporaryFolder(context), 'some.csv')
    await writeFile(file, `email;passwordHash\r\nx;y;z\r\n;;\r\n=cmd();${passwordHash}\r\nb@desk.example;${passwordHash}\r\n"c"d;e\r\n`)
    const { output } = await command.run(['seller', 'import', file, '--json'])
    const { added, refused } = JSON.parse(output)
    assert.equal(added, 1)
    assert.deepEqual(refused, [
      { line: 2, reason: 'has 3 cells under 2 columns' },
      { line: 4, reason: 'email must be one e-mail address' },
      { line: 6, reason: 'has a quote where none may stand' },
    ])
  })

  test('a line that tells Excel the separator keeps the numbers of the others, in every part of a long file', async (context) => {
    const file = join(await temporaryFolder(context), 'long.csv')
    await writeFile(file, `sep=;\r\nemail;passwordHash\r\n${'x;y\r\n'.repeat(1_500)}`)
    const { output } = await command.run(['seller', 'import', file, '--json'])
    const { refused } = JSON.parse(output) as { refused: { line: number; reason: string }[] }
    assert.deepEqual(
      refused.map(({ line }) => line),
      Array.from({ length: 1_500 }, (_, index) => index + 3),
    )
    assert.deepEqual(new Set(refused.map(({ reason }) => reason)), new Set(['email must be one e-mail address']))
    await writeFile(file, 'sep=;\nemail;pass')
    assert.match((await command.run(['seller', 'import', file])).errorOutput, /line 2: "?pass"? is not a column here/)
  })

  test('a catalogue is read from the same kinds of files; its export contains no formulas and imports unchanged', async (context) => {
    const folder = await temporaryFolder(context)
    const file = join(folder, 'catalogue.csv')
    await writeFile(file, 'part;game_id;NAME:ZH-HANS;Name:EN;name:en-us\r\ngame;101;b;a;c\r\n')
    const { output: languages } = await command.run(['catalogue', 'import', file, '--json'])
    assert.equal(JSON.parse(languages).games, 1)
    assert.match((await command.run(['catalogue', 'export'])).output, /"names":\s*\{\s*"zh-Hans":\s*"b",\s*"en":\s*"a",\s*"en-us":\s*"c"/)
    const text = 'Part;GAME_ID;name:en-US;;\r\ngame;101;=1+1;;\r\ngame;102;-VIP-;;\r\n;;;;\r\n'
    await writeFile(file, Buffer.from(`\ufeff${text}`, 'utf16le'))
    assert.equal((await command.run(['catalogue', 'import', file])).exitCode, 0)
    await writeFile(file, `sep=;\r\n${text}`)
    assert.match((await command.run(['catalogue', 'import', file, '--dry-run'])).output, /already has this catalogue/)
    await writeFile(file, `sep=;\r\n${text}game;103;"a\nb"c;;\r\n`)
    assert.match((await command.run(['catalogue', 'import', file])).errorOutput, /line 6: a quote stands where none may/)
    const { output } = await command.run(['catalogue', 'export', '--form', 'csv'])
    assert.match(output, /,'=1\+1\r\n/)
    assert.doesNotMatch(output, /(?:^|,)[=+@-]/m)
    const again = join(folder, 'again.csv')
    await writeFile(again, output)
    const { output: difference } = await command.run(['catalogue', 'import', again, '--dry-run'])
    assert.match(difference, /already has this catalogue/)
  })
})

for (const storeKind of testStores()) {
  describe(`files of members on ${storeKind.name}`, () => {
    const agentId = 'agent001'
    let gateway: TestGateway
    let command: CommandLine
    before(async () => {
      gateway = await startTestGateway({ storeKind })
      command = new CommandLine({
        DATABASE_URL: gateway.settings.databaseUrl,
        MASTER_KEY: Buffer.from(gateway.settings.masterKey).toString('base64'),
      })
    })
    after(() => gateway.close())

    /** Writes a file and imports it. */
    const importFile = async (
      context: TestContext,
      content: string | Buffer,
      { name = 'members.csv', into = agentId, words = [] as string[] } = {},
    ) => {
      const file = join(await temporaryFolder(context), name)
      await writeFile(file, content)
      return command.run(['member', 'import', into, file, '--json', ...words])
    }
    const eventsOf = (subject: string) => gateway.store.events.list({ agentId, subject, limit: 10 })

    test('members from any spreadsheet', async (context) => {
      const rows = (name: string) => [
        ['user_id', 'user_name', 'desc', 'status'],
        [name, 'Ann_1', 'of the desk', 'LockBet'],
      ]
      for (const [name, content] of Object.entries(asDesksSave((file) => rows(`desk_${file}`)))) {
        const { exitCode, output, errorOutput } = await importFile(context, content)
        assert.equal(exitCode, 0, `${name}: ${errorOutput}`)
        assert.deepEqual(JSON.parse(output), { added: 1, existing: 0, refused: [] }, name)
        const found = await gateway.store.members.find(agentId, `desk_${name}`)
        assert.deepEqual([found?.userName, found?.desc, found?.status], ['Ann_1', 'of the desk', 'LockBet'], name)
      }
    })

    test('desc and status may be left out; a line is as create takes it, and one that is not is refused by its number', async (context) => {
      const lines = [
        'status;user_id;user_name;desc',
        ';line_2;Ann;',
        'LockAll;line_3;Bob;of two',
        ';l4;Cy;',
        ';line_5;Jürgen;',
        `;line_6;Di;${'d'.repeat(21)}`,
        'locked;line_7;Ed;',
        ';line_8;;',
        ';;;',
        ';line_10;Flo',
        ';line_2;Twice;',
        '"L"x;line_12;Gus;',
        ';=line_13;Hal;',
        ' ;line_14  ;\u00a0Ida ; of three  ',
        ';line_15;Joe;"two',
        'lines"',
      ]
      const { exitCode, output, errorOutput } = await importFile(context, lines.join('\r\n'))
      assert.deepEqual([exitCode, /10 lines refused/.test(errorOutput)], [4, true], errorOutput)
      const { added, existing, refused } = JSON.parse(output)
      assert.deepEqual([added, existing], [3, 1])
      assert.deepEqual(refused, [
        { line: 4, reason: 'user_id must be a string of 3 to 64 of A-Z a-z 0-9 _' },
        { line: 5, reason: 'user_name must be a string of 1 to 64 of A-Z a-z 0-9 _' },
        { line: 6, reason: 'desc must be a string of up to 20 of A-Z a-z 0-9 _ and blank' },
        { line: 7, reason: 'status must be one of Active, LockBet, LockAll' },
        { line: 8, reason: 'user_name is required' },
        { line: 10, reason: 'has 3 cells under 4 columns' },
        { line: 12, reason: 'has a quote where none may stand' },
        { line: 13, reason: 'user_id must be a string of 3 to 64 of A-Z a-z 0-9 _' },
        { line: 15, reason: 'has a quote that is not closed on the line: a cell has no line break' },
        { line: 16, reason: 'has a quote that is not closed on the line: a cell has no line break' },
      ])
      const stored = await Promise.all(['line_2', 'line_3', 'line_14'].map((userId) => gateway.store.members.find(agentId, userId)))
      assert.deepEqual(
        stored.map((member) => [member?.userName, member?.desc, member?.status]),
        [
          ['Ann', '', 'Active'],
          ['Bob', 'of two', 'LockAll'],
          ['Ida', 'of three', 'Active'],
        ],
      )
    })

    test('a dry run changes nothing, a second run neither, and members that exist stay as they are', async (context) => {
      const rows = Array.from({ length: 1_200 }, (_, index) => `again_${index},Name_${index}`)
      const content = ['user_id,user_name', ...rows].join('\n')
      const report = async (text: string, words: string[] = []) => JSON.parse((await importFile(context, text, { words })).output)
      assert.deepEqual(await report(content, ['--dry-run']), { added: 1_200, existing: 0, refused: [] })
      assert.equal(await gateway.store.members.find(agentId, 'again_0'), null)
      assert.deepEqual(await report(content), { added: 1_200, existing: 0, refused: [] })
      const stored = await gateway.store.members.find(agentId, 'again_1199')
      const changed = `${content
        .replaceAll('Name_', 'Other_')
        .replace('user_name', 'user_name,status')
        .replaceAll(/(?<=Other_\d+)$/gm, ',LockAll')}\nagain_new,New,`
      assert.deepEqual(await report(changed), { added: 1, existing: 1_200, refused: [] })
      assert.deepEqual(await gateway.store.members.find(agentId, 'again_1199'), stored)
      assert.deepEqual(
        (await eventsOf('again_1199')).map(({ kind, surface, details }) => [kind, surface, details]),
        [['member.imported', 'cli', undefined]],
      )
      const content2 = JSON.stringify({ user_id: 'again_json', user_name: 'J', status: 'LockAll' })
      const { output } = await importFile(context, content2, { name: 'members.ndjson' })
      assert.equal(JSON.parse(output).added, 1)
      for (const [name, content3] of [
        ['members.txt', 'user_id,user_name\nagain_txt,T'],
        ['members', JSON.stringify({ user_id: 'again_bare', user_name: 'B' })],
      ] as const)
        assert.equal(JSON.parse((await importFile(context, content3, { name })).output).added, 1, name)
      assert.deepEqual(
        (await eventsOf('again_json')).map(({ kind, details }) => [kind, details]),
        [['member.imported', { status: 'LockAll' }]],
      )
    })

    test('a merchant that does not exist and a file of another kind are named', async (context) => {
      const rows = 'user_id,user_name\nuid_x,X'
      const failures: [string | Buffer, { into?: string; name?: string }, number, RegExp][] = [
        [rows, { into: 'nosuch' }, 3, /there is no merchant nosuch/],
        [rows.replaceAll(',', '|'), {}, 2, /separated by \|/],
        [
          'email,passwordHash\na@desk.example,x',
          {},
          2,
          /line 1 is not the heading of this file: it has to name the columns, which are user_id, user_name, desc, status/,
        ],
        [Buffer.from(rows, 'utf16le'), {}, 2, /UTF-16 without a byte order mark/],
        [Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(60)]), {}, 2, /is a workbook: save it as CSV/],
        [`user_id,user_name\n${'a'.repeat(400_001)}`, {}, 2, /line 2 is longer than 400000 characters/],
        // What comes after is not even read.
        [Buffer.from(`user_id,user_name\n${'a'.repeat(600_000)}\xff`, 'latin1'), {}, 2, /line 2 is longer than 400000 characters/],
        [`${rows}${'x'.repeat(100)}\nuid_n,N\0l`, {}, 2, /line 3 holds a NUL character/],
        [`\n"user_id"x,user_name\nuid_q,Q`, {}, 2, /line 2 has a quote where none may stand/],
        [rows, { name: 'members.json' }, 4, /2 lines refused/],
      ]
      for (const [content, options, code, message] of failures) {
        const { exitCode, errorOutput } = await importFile(context, content, options)
        assert.equal(exitCode, code, errorOutput)
        assert.match(errorOutput, message)
      }
      assert.equal(await gateway.store.members.find(agentId, 'uid_x'), null)
    })

    test('lines are counted as the server counts them: U+2028 ends none, a CRLF ends one wherever it is read, and the heading may follow empty rows', async (context) => {
      const line = (userName: string) => JSON.stringify({ user_id: 'sep_1', user_name: userName, desc: 'one\u2028line' })
      const { output } = await importFile(context, `${line('A')}\r\n${'\n'.repeat(65_536)}${line('B')}`, { name: 'members.ndjson' })
      assert.deepEqual(
        JSON.parse(output).refused.map((refusal: { line: number }) => refusal.line),
        [1, 65_538],
      )
      const rows = `\r\n\r\nuser_id;user_name\r\nsep_2;${'A'.repeat(64)}\r\n${`sep_3;${'B'.repeat(58)}\r\n`.repeat(2_000)}sep_4;!`
      const table = JSON.parse((await importFile(context, rows)).output)
      assert.deepEqual([table.added, table.existing, table.refused[0].line], [2, 1_999, 2_005])
    })
  })
}

test('text that a spreadsheet would run is exported harmless and imports unchanged', () => {
  const cells = [
    '=A1',
    '+1',
    '-1',
    '@x',
    '\tx',
    '\nx',
    '＝A1',
    '＋1',
    '－1',
    '＠x',
    "'=A1",
    "''=A1",
    "'quoted'",
    "it's",
    'a=b',
    '',
    'a "b", c\nd',
  ]
  const [row] = parseCsv(csvLine(cells))
  assert.deepEqual(row?.cells, cells)
  assert.doesNotMatch(csvLine(cells), /(?:^|,|")[=+\-@\t\n＝＋－＠]/)
})

test('a cell as large as a file may be is read, and a quote that nobody closes is named', () => {
  const most = 16 * 1024 * 1024
  for (const text of ['a'.repeat(most), '"'.repeat(most), 'a""'.repeat(most / 3)]) {
    assert.equal(parseCsv(`"${text}"`).length, 1)
    assert.throws(() => parseCsv(`"${text}`), /line 1: a quote stands where none may/)
  }
})
