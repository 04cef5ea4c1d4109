/** Files as saved by spreadsheets, with the separators and encodings of various countries. */
import assert from 'node:assert/strict'
import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { hash } from '@node-rs/bcrypt'
import { csvLine, parseCsv } from '../../src/core/base/csv.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { CommandLine, temporaryFolder } from './command-line.ts'

const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16()

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

  test('sellers from any spreadsheet: byte order marks, UTF-16, any line end and separator, headings in any case, empty rows and columns', async (context) => {
    const folder = await temporaryFolder(context)
    const table = (lines: string[][], separator = ',', end = '\n') => lines.map((cells) => cells.join(separator)).join(end)
    const rows = (name: string) => [
      ['email', 'passwordHash', 'status'],
      [`${name}@desk.example`, passwordHash, 'enabled'],
    ]
    const files: Record<string, string | Buffer> = {
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
      case: table([['E-mail', ' PASSWORDHASH ', 'Status'].map((name) => name.replace('-', '')), ...rows('case').slice(1)]),
      sep: `sep=;\r\n${table(rows('sep'), ';', '\r\n')}`,
      'sep-tab': Buffer.from(`\ufeff"sep=\t"\r\n${table(rows('sep-tab'), '\t', '\r\n')}`, 'utf16le'),
      'empty-rows': `${table(rows('empty-rows'))}\n,,\n\n ,,\n`,
      'empty-columns': table(rows('empty-columns').map((cells) => [...cells, '', ''])),
    }
    for (const [name, content] of Object.entries(files)) {
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
      ['another separator', rows.replaceAll(',', '|'), /separated by \|/],
      [
        'an unknown column',
        `email,password\na@desk.example,secret`,
        /"?password"? is not a column here; columns are email, passwordHash, status/,
      ],
      ['a column twice', `email,Email,passwordHash`, /column email appears twice/],
    ]
    for (const [name, content, message] of files) {
      const file = join(folder, `${name}.csv`)
      await writeFile(file, content)
      const { exitCode, errorOutput } = await command.run(['seller', 'import', file])
      assert.equal(exitCode, 2, `${name}: ${errorOutput}`)
      assert.match(errorOutput, message, name)
    }
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
