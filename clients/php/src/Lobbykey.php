<?php
/**
 * Lobbykey's clients for PHP 7.4 and later, in one file: MerchantClient for the member API, SellerClient for the seller API. Needs the
 * curl extension. See README.md.
 */

declare(strict_types=1);

namespace Lobbykey;

/** What went wrong, in words that say what to do. Never holds a key, a password or a token, and of what others wrote nothing that a terminal obeys. */
final class LobbykeyError extends \RuntimeException
{
    /** @var int|string|null `code` of the answer; null when there was no answer of the gateway. */
    public $apiCode;
    /** Decide by this: a key of docs/errors.md, or not_reached, unexpected_answer or tokens_busy. */
    public string $key;
    /** HTTP status; 0 when no answer came. */
    public int $status;
    public string $whatToDo;
    /** Whether the same call may succeed later, unchanged. */
    public bool $mayRepeat;
    /** X-Request-Id of the answer: tell it to the operator when something needs looking into. */
    public ?string $requestId;
    public ?int $retryAfterMs;

    public function __construct(string $message, array $facts)
    {
        $this->apiCode = $facts['code'] ?? null;
        $this->key = $facts['key'];
        $this->status = $facts['status'] ?? 0;
        $this->whatToDo = $facts['whatToDo'];
        $this->mayRepeat = $facts['mayRepeat'] ?? false;
        $this->requestId = $facts['requestId'] ?? null;
        $this->retryAfterMs = $facts['retryAfterMs'] ?? null;
        $shownId = $this->requestId === null ? '' : ' (request ID ' . substr($this->requestId, 0, 100) . ')';
        parent::__construct(Http::escapeHidden("$message. $this->whatToDo$shownId"));
    }
}

/** An answer, read whole. */
final class Response
{
    public int $status;
    /** @var array<string, string> by lower-case name */
    public array $headers;
    public string $body;

    public function __construct(
        int $status,
        array $headers,
        #[\SensitiveParameter]
        string $body
    ) {
        $this->status = $status;
        $this->headers = $headers;
        $this->body = $body;
    }

    /** The body as JSON; null where it is none. */
    public function json(): ?array
    {
        $value = json_decode($this->body, true);
        return is_array($value) ? $value : null;
    }
}

/** The member API. Fields have the names of the API's own documents; agent_id, timestamp and sign are added. */
final class MerchantClient
{
    /** @var callable|null gets each request as text, without key, token or whole signature */
    public $debug;
    private array $options;
    private Http $http;
    private int $clockOffsetMs = 0;
    private bool $isClockTold = false;
    private bool $isProven = false;
    private bool $isCallbackProven = false;
    private int $lastTimestamp = 0;
    private ?string $lastText = null;

    /** @param array $options baseUrl, agentId, key; algorithm ('md5'), callback ('unsigned'), debug, warn, deadlineMs, attemptMs, firstPauseMs */
    public function __construct(
        #[\SensitiveParameter]
        array $options
    ) {
        $this->options = $options + ['algorithm' => 'md5', 'callback' => 'unsigned', 'warn' => null];
        if (!isset(Contract::FACTS['algorithms'][$this->options['algorithm']])) {
            throw new \InvalidArgumentException('algorithm must be one of ' . implode(', ', array_keys(Contract::FACTS['algorithms'])));
        }
        if (!in_array($this->options['callback'], ['unsigned', 'signed'], true)) {
            throw new \InvalidArgumentException("callback must be 'unsigned' or 'signed'");
        }
        foreach (['agentId', 'key'] as $name) {
            if (!Http::isGiven($options[$name] ?? null)) {
                throw new \InvalidArgumentException("$name must be a string that is not empty");
            }
        }
        $this->options['baseUrl'] = Http::baseUrlOf($options);
        $this->debug = $options['debug'] ?? null;
        $this->http = new Http($options);
    }

    /** Logs a member in: url, token, requestId. Makes a session token unless one is given. */
    public function login(
        #[\SensitiveParameter]
        array $fields
    ): array {
        if (in_array($fields['token'] ?? null, [null, ''], true)) {
            $fields['token'] = rtrim(strtr(base64_encode(random_bytes(21)), '+/', '-_'), '=');
        }
        return $this->run('login', $fields);
    }

    public function guestLogin(array $fields): array
    {
        return $this->run('guest_login', $fields);
    }

    public function create(array $fields): array
    {
        return $this->run('create', $fields);
    }

    public function update(array $fields): array
    {
        return $this->run('update', $fields);
    }

    public function lock(array $fields): array
    {
        return $this->run('lock', $fields);
    }

    public function logout(array $fields): array
    {
        return $this->run('logout', $fields);
    }

    public function games(array $fields = []): array
    {
        return $this->run('game_list', $fields);
    }

    public function limits(array $fields): array
    {
        return $this->run('limit_list', $fields);
    }

    /** The exact text that was hashed for the last call, with KEY for the key. It holds the session token: no log may. */
    public function explainText(): ?string
    {
        return $this->lastText;
    }

    /** Without the key, for var_dump and print_r. */
    public function __debugInfo(): array
    {
        return ['baseUrl' => $this->options['baseUrl'], 'agentId' => $this->options['agentId']];
    }

    private function run(
        string $call,
        #[\SensitiveParameter]
        array $given
    ): array {
        $fields = $this->fieldsOf($call, $given);
        $end = $this->http->end();
        try {
            return $this->send($call, $this->signed($call, $fields), $end);
        } catch (LobbykeyError $error) {
            // Refused for its time alone, so nothing has taken effect: a new signature with the gateway's time is safe.
            if (!$this->setClock($error)) {
                throw $error;
            }
        }
        return $this->send($call, $this->signed($call, $fields), $end);
    }

    /** Without what is empty, every value as the text that is signed. */
    private function fieldsOf(
        string $call,
        #[\SensitiveParameter]
        array $given
    ): array {
        ['fields' => $names, 'clearable' => $clearable] = Contract::FACTS['calls'][$call];
        $fields = ['agent_id' => $this->options['agentId']];
        foreach ($given as $name => $value) {
            if (!in_array($name, $names, true)) {
                throw new LobbykeyError("$name is no field of $call; it takes " . implode(', ', $names), [
                    'key' => 'invalid_parameter',
                    'whatToDo' => 'Correct the call; nothing was sent.',
                ]);
            }
            if ($value === null || $value === [] || ($value === '' && !in_array($name, $clearable, true))) {
                continue;
            }
            $fields[$name] = is_array($value) ? array_map('strval', $value) : (string) $value;
        }
        return $fields;
    }

    private function signed(
        string $call,
        #[\SensitiveParameter]
        array $fields
    ): array {
        $fields['timestamp'] = $this->timestampFor($fields);
        $canonical = $this->canonicalOf($call, $fields);
        $this->lastText = $this->textOf($canonical, 'KEY');
        $fields['sign'] = $this->digestOf($canonical, $this->options['key']);
        return $fields;
    }

    /** Two calls alike in one millisecond would be one signed request; a session token tells logins apart. */
    private function timestampFor(
        #[\SensitiveParameter]
        array $fields
    ): int {
        $now = Clock::now() + $this->clockOffsetMs;
        if (isset($fields['token'])) {
            return $now;
        }
        $this->lastTimestamp = max($now, $this->lastTimestamp + 1);
        return $this->lastTimestamp;
    }

    private function canonicalOf(
        string $call,
        #[\SensitiveParameter]
        array $fields
    ): string {
        $pairs = [];
        foreach (Contract::FACTS['calls'][$call]['signed'][$this->options['callback']] as $name) {
            if (isset($fields[$name]) && $fields[$name] !== '') {
                $pairs[] = "$name=$fields[$name]";
            }
        }
        return implode('&', $pairs);
    }

    private function textOf(
        string $canonical,
        #[\SensitiveParameter]
        string $key
    ): string {
        return Contract::FACTS['algorithms'][$this->options['algorithm']]['keyUse'] === 'hmac' ? $canonical : "$key&$canonical";
    }

    private function digestOf(
        string $canonical,
        #[\SensitiveParameter]
        string $key
    ): string {
        ['hash' => $hash, 'keyUse' => $keyUse] = Contract::FACTS['algorithms'][$this->options['algorithm']];
        return $keyUse === 'hmac' ? hash_hmac($hash, $canonical, $key) : hash($hash, "$key&$canonical");
    }

    private function send(
        string $call,
        #[\SensitiveParameter]
        array $fields,
        float $end
    ): array {
        ['method' => $method, 'path' => $path] = Contract::FACTS['calls'][$call];
        if ($this->debug !== null) {
            ($this->debug)($this->describe($call, $fields));
        }
        $url = $this->options['baseUrl'] . $path;
        $body = null;
        if ($method === 'GET') {
            $url .= '?' . http_build_query($fields, '', '&', PHP_QUERY_RFC3986);
        } else {
            $body = json_encode($fields, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR);
        }
        return $this->http->repeat($end, function (float $attemptEnd) use ($method, $url, $body, $call, $fields): array {
            $response = $this->http->send($method, $url, $body === null ? [] : ['Content-Type: application/json'], $body, $attemptEnd);
            $answer = $response->json();
            if (($answer['code'] ?? null) === 200) {
                $this->isProven = true;
                $this->isCallbackProven = $this->isCallbackProven || ($call === 'login' && isset($fields['callback']));
                return Http::dataOf($response, Contract::FACTS['calls'][$call]['answers']) + ['requestId' => $response->headers['x-request-id'] ?? null];
            }
            $hint = ($answer['code'] ?? null) === 600100 ? $this->whyRefused($call, $fields) : null;
            throw Http::errorOf('memberCodes', $response, $hint === null ? [] : ['whatToDo' => $hint]);
        });
    }

    /** What code 600100 cannot tell: the likeliest reason, from what this side knows. Never holds the key. */
    private function whyRefused(
        string $call,
        #[\SensitiveParameter]
        array $fields
    ): string {
        ['key' => $key, 'algorithm' => $algorithm, 'callback' => $callback, 'baseUrl' => $baseUrl] = $this->options;
        $vector = Contract::VECTOR;
        if ($this->digestOf($this->canonicalOf('create', $vector['fields']), $vector['key']) !== $vector['digests'][$algorithm]) {
            return "This runtime computes a wrong $algorithm: even the published example comes out wrong.";
        }
        if ($key !== trim($key)) {
            return 'The key begins or ends with white space: remove it. Often it is the line break at the end of a file.';
        }
        if (preg_match('/^(["\']).*\1$/', $key)) {
            return 'The key is in quotes: remove them.';
        }
        if ($key === $vector['key'] && !preg_match('~^https?://(localhost|127\.|\[::1\])~', $baseUrl)) {
            return "The key is the published example's, which only a sandbox has: use your own.";
        }
        $isCallbackInDoubt = $call === 'login' && isset($fields['callback']) && !$this->isCallbackProven;
        $other = $callback === 'unsigned' ? 'signed' : 'unsigned';
        $change = "your profile has callback '$other' and this client '$callback': create it with callback '$other', or ask the operator.";
        if ($this->isProven && $isCallbackInDoubt) {
            return "Key and algorithm worked before, so likely $change";
        }
        if ($this->isProven) {
            return 'Such calls succeeded before: likely the operator has replaced the key or changed your profile.';
        }
        $likely = "Likely the key is another environment's, or your profile has another algorithm than '$algorithm': compare both with the operator. The text is signed as the published example is.";
        return $isCallbackInDoubt ? "$likely If a login without callback succeeds, $change" : $likely;
    }

    /** Whether the answer told the gateway's time. */
    private function setClock(LobbykeyError $error): bool
    {
        if ($error->apiCode !== 408000 || !preg_match('/' . Contract::FACTS['serverClock'] . '/', $error->getMessage(), $told)) {
            return false;
        }
        $this->clockOffsetMs = (int) $told[1] - Clock::now();
        $this->lastTimestamp = 0;
        if (!$this->isClockTold) {
            $this->isClockTold = true;
            $seconds = (int) round(abs($this->clockOffsetMs) / 1000);
            $way = $this->clockOffsetMs > 0 ? 'behind' : 'ahead of';
            Http::warn($this->options['warn'], "This machine's clock is $seconds s $way the gateway's. The client corrects for it; set the clock all the same.");
        }
        return true;
    }

    private function describe(
        string $call,
        #[\SensitiveParameter]
        array $fields
    ): string {
        ['method' => $method, 'path' => $path] = Contract::FACTS['calls'][$call];
        if (isset($fields['token'])) {
            $fields['token'] = 'TOKEN';
        }
        $hashed = $this->textOf($this->canonicalOf($call, $fields), 'KEY');
        $fields['sign'] = substr($fields['sign'], 0, 4) . '…';
        $json = json_encode($fields, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
        return "$method {$this->options['baseUrl']}$path\n$json\n{$this->options['algorithm']} of $hashed";
    }
}

/**
 * Where tokens are kept, for one process or for several that share one login. Tokens are accessToken, refreshToken, issuedAt and expiresAt
 * (milliseconds). What is stored opens the seller's account: keep it as you keep a password.
 */
interface TokenStorage
{
    public function read(): ?array;

    public function write(?array $tokens): void;

    /** Runs the work while nobody else of the same storage does, and gives back what it gives; throws after $waitMs in vain. */
    public function exclusively(callable $work, int $waitMs);
}

/** Of this client alone: under FPM that is one request, so prefer FileStorage. */
final class MemoryStorage implements TokenStorage
{
    private ?array $tokens = null;

    public function read(): ?array
    {
        return $this->tokens;
    }

    public function write(
        #[\SensitiveParameter]
        ?array $tokens
    ): void {
        $this->tokens = $tokens;
    }

    public function exclusively(
        #[\SensitiveParameter]
        callable $work,
        int $waitMs
    ) {
        return $work();
    }

    public function __debugInfo(): array
    {
        return [];
    }
}

/** A file that only its owner may read, shared by the processes of one machine. */
final class FileStorage implements TokenStorage
{
    private const LOCK_PAUSE_MICROS = 50000;
    private string $path;
    /** @var callable|null */
    private $warn;

    /** @param callable|null $warn called when others had access to the file; default error_log */
    public function __construct(string $path, ?callable $warn = null)
    {
        $this->path = $path;
        $this->warn = $warn;
    }

    public function read(): ?array
    {
        $this->closeToOthers();
        $tokens = json_decode((string) @file_get_contents($this->path), true);
        // What is no pair of tokens, such as a file half written, is as good as none: whoever reads it logs in anew.
        $isPair = Http::isAccessToken($tokens['accessToken'] ?? null) && is_string($tokens['refreshToken'] ?? null)
            && is_numeric($tokens['issuedAt'] ?? null) && is_numeric($tokens['expiresAt'] ?? null);
        return $isPair ? $tokens : null;
    }

    public function write(
        #[\SensitiveParameter]
        ?array $tokens
    ): void {
        if ($tokens === null) {
            @unlink($this->path);
            return;
        }
        $draft = "$this->path." . bin2hex(random_bytes(8));
        $text = json_encode($tokens, JSON_THROW_ON_ERROR);
        try {
            $file = self::open($draft);
            $isWritten = fwrite($file, $text) === strlen($text);
            if (!fclose($file) || !$isWritten || !rename($draft, $this->path)) {
                throw new \RuntimeException("$this->path could not be written");
            }
        } finally {
            // Also where a framework makes exceptions of warnings.
            @unlink($draft);
        }
    }

    public function exclusively(
        #[\SensitiveParameter]
        callable $work,
        int $waitMs
    ) {
        $end = Clock::monotonic() + $waitMs;
        // The system frees the lock of a process that is gone.
        $lock = self::open("$this->path.lock");
        try {
            while (!flock($lock, LOCK_EX | LOCK_NB)) {
                if (Clock::monotonic() >= $end) {
                    throw Http::tokensBusy();
                }
                usleep(self::LOCK_PAUSE_MICROS);
            }
            return $work();
        } finally {
            flock($lock, LOCK_UN);
            fclose($lock);
        }
    }

    /** A file that was copied or restored may be open to others: closed again, which is told. Windows has no such modes. */
    private function closeToOthers(): void
    {
        clearstatcache(true, $this->path);
        $found = PHP_OS_FAMILY === 'Windows' ? false : @stat($this->path);
        // A folder named by mistake stays as it is.
        if ($found === false || !is_file($this->path)) {
            return;
        }
        // What root owns is nobody else's. Some builds of PHP cannot tell their user.
        if ($found['uid'] !== 0 && function_exists('posix_geteuid') && $found['uid'] !== posix_geteuid()) {
            throw new \RuntimeException("$this->path belongs to another user (uid {$found['uid']}), who could have put the tokens of another account there. Remove it, or name another file.");
        }
        $mode = $found['mode'] & 0777;
        if (($mode & 0077) === 0) {
            return;
        }
        $outcome = @chmod($this->path, 0600) ? 'Its mode is 600 now' : 'Set its mode to 600';
        $text = '%s holds a login, and its mode %o gave others access. %s; log out if somebody may have read it.';
        Http::warn($this->warn, sprintf($text, $this->path, $mode, $outcome));
    }

    /** @return resource a file for its owner alone */
    private static function open(string $path)
    {
        $before = umask(0077);
        try {
            $file = fopen($path, 'c');
        } finally {
            umask($before);
        }
        if ($file === false) {
            throw new \RuntimeException("$path could not be opened");
        }
        // Not every file system heeds umask.
        @chmod($path, 0600);
        return $file;
    }
}

/** Sends requests with a good access token: logs in once, renews tokens before they expire, and logs in again when the login has ended. */
final class SellerClient
{
    private array $options;
    private Http $http;
    private TokenStorage $storage;
    private ?array $tokens = null;
    /** By the clock that can be set, and by the one that cannot. */
    private float $renewAt = 0;
    private float $renewAtMonotonic = 0;
    private bool $hasPassword;
    private ?string $firstRefreshToken;
    private ?LobbykeyError $stop = null;
    private float $stopUntil = 0;
    private bool $isAdvised = false;

    /** @param array $options baseUrl; email and password, or refreshToken; storage, warn, deadlineMs, attemptMs, firstPauseMs */
    public function __construct(
        #[\SensitiveParameter]
        array $options
    ) {
        $this->options = $options + ['email' => null, 'password' => null, 'warn' => null];
        $this->options['baseUrl'] = Http::baseUrlOf($options);
        $this->hasPassword = Http::isGiven($options['email'] ?? null) && Http::isGiven($options['password'] ?? null);
        $this->firstRefreshToken = Http::isGiven($options['refreshToken'] ?? null) ? $options['refreshToken'] : null;
        if (!$this->hasPassword && $this->firstRefreshToken === null) {
            throw new \InvalidArgumentException('email and password, or refreshToken, must be given');
        }
        $this->storage = $options['storage'] ?? new MemoryStorage();
        $this->http = new Http($options);
    }

    /**
     * Sends a request with the access token; the path is below baseUrl. What only reads is sent again while the gateway is away.
     *
     * @param array $request method ('GET'), headers (list of 'Name: value'), body
     */
    public function fetch(string $path, array $request = []): Response
    {
        if (substr($path, 0, 1) !== '/' || substr($path, 0, 2) === '//') {
            throw new \InvalidArgumentException('a path begins with one slash: the access token goes to baseUrl only');
        }
        $end = $this->http->end();
        $tokens = $this->currentTokens() ?? $this->renew(null, true, $end);
        $response = $this->sendPatiently($path, $request, $tokens, $end);
        $code = $response->status === 401 ? ($response->json()['code'] ?? null) : null;
        if (!in_array($code, ['10008', '10009', '10010'], true)) {
            return $response;
        }
        return $this->sendPatiently($path, $request, $this->renew($tokens, $code === '10009', $end), $end);
    }

    /** sellerId, email, expiresAt */
    public function me(): array
    {
        $response = $this->fetch(Contract::FACTS['sellerPath'] . '/me');
        $answer = $response->json();
        if (($answer['code'] ?? null) !== '0000') {
            throw Http::errorOf('sellerCodes', $response);
        }
        return Http::dataOf($response, ['sellerId' => 'string', 'email' => 'string', 'expiresAt' => 'string']);
    }

    /** A valid access token, for requests that you send yourself. */
    public function accessToken(): string
    {
        return ($this->currentTokens() ?? $this->renew(null, true, $this->http->end()))['accessToken'];
    }

    /** Ends the login, for every process that shares it. */
    public function logout(): void
    {
        $tokens = $this->tokens ?? $this->storage->read();
        if ($tokens === null) {
            return;
        }
        try {
            $this->call('logout', ["Authorization: Bearer {$tokens['accessToken']}"], null, $this->http->end(), []);
        } catch (LobbykeyError $error) {
            if ($error->status !== 401) {
                throw $error;
            }
        }
        $this->storage->write(null);
        $this->tokens = null;
    }

    public function __debugInfo(): array
    {
        return ['baseUrl' => $this->options['baseUrl'], 'email' => $this->options['email']];
    }

    /** Null where they are to be renewed first. A clock that was set back makes no old token new. */
    private function currentTokens(): ?array
    {
        return Clock::now() < $this->renewAt && Clock::monotonic() < $this->renewAtMonotonic ? $this->tokens : null;
    }

    /** Better tokens than the ones refused, or than those whose time has come. */
    private function renew(
        #[\SensitiveParameter]
        ?array $refused,
        bool $isRefreshable,
        float $end
    ): array {
        $known = $this->tokens;
        try {
            return $this->storage->exclusively(function () use ($refused, $known, $isRefreshable, $end): array {
                $stored = $this->storage->read();
                $old = ($refused ?? $known)['accessToken'] ?? null;
                // Another process was faster.
                if ($stored !== null && $stored['accessToken'] !== $old && self::isFresh($stored)) {
                    return $this->use($stored);
                }
                $refreshToken = $stored['refreshToken'] ?? $this->firstRefreshToken;
                $renewed = $refreshToken !== null && $isRefreshable ? $this->refresh($refreshToken, $end) : null;
                // Used before they are written: a full disk costs a call, not a login a call.
                $tokens = $this->use($renewed ?? $this->login($end));
                $this->storage->write($tokens);
                return $tokens;
            }, (int) max(0, $end - Clock::monotonic()));
        } catch (LobbykeyError $error) {
            // Renewal came early: the token is still good, and the next call tries again.
            if ($refused === null && $known !== null && Clock::now() < $known['expiresAt'] && $error->mayRepeat) {
                return $known;
            }
            throw $error;
        }
    }

    /** Null where the login behind the token is over. */
    private function refresh(
        #[\SensitiveParameter]
        string $refreshToken,
        float $end
    ): ?array {
        try {
            return $this->tokenCall('refresh', ['refreshToken' => $refreshToken], $end);
        } catch (LobbykeyError $error) {
            if (in_array($error->apiCode, ['10010', '10011'], true)) {
                $this->firstRefreshToken = null;
                if ($this->hasPassword) {
                    return null;
                }
            }
            throw $error;
        }
    }

    private function login(float $end): array
    {
        if (!$this->hasPassword) {
            throw new LobbykeyError('The login has ended, and there is no e-mail and password for a new one', [
                'key' => 'refresh_token_invalid',
                'whatToDo' => 'Log in again, and give the client the new refresh token.',
            ]);
        }
        if ($this->stop !== null && Clock::monotonic() < $this->stopUntil) {
            throw $this->stop;
        }
        try {
            return $this->tokenCall('login', ['email' => $this->options['email'], 'password' => $this->options['password']], $end);
        } catch (LobbykeyError $error) {
            if ($error->apiCode === '10006' || $error->apiCode === '10007') {
                $this->stop = $error;
                $this->stopUntil = $error->apiCode === '10006' ? INF : Clock::monotonic() + (float) ($error->retryAfterMs ?? 0);
            }
            throw $error;
        }
    }

    private function tokenCall(
        string $name,
        #[\SensitiveParameter]
        array $fields,
        float $end
    ): array {
        $issuedAt = Clock::now();
        $types = ['accessToken' => 'access token', 'refreshToken' => 'string', 'expiresIn' => 'integer'];
        $data = $this->call($name, ['Content-Type: application/json'], json_encode($fields, JSON_THROW_ON_ERROR), $end, $types);
        return [
            'accessToken' => $data['accessToken'],
            'refreshToken' => $data['refreshToken'],
            'issuedAt' => $issuedAt,
            'expiresAt' => $issuedAt + $data['expiresIn'] * 1000,
        ];
    }

    private function call(
        string $name,
        #[\SensitiveParameter]
        array $headers,
        #[\SensitiveParameter]
        ?string $body,
        float $end,
        array $types
    ): array {
        $url = $this->options['baseUrl'] . Contract::FACTS['sellerPath'] . "/$name";
        return $this->http->repeat($end, function (float $attemptEnd) use ($url, $headers, $body, $types): array {
            $response = $this->http->send('POST', $url, $headers, $body ?? '', $attemptEnd);
            $answer = $response->json();
            if (($answer['code'] ?? null) !== '0000') {
                throw Http::errorOf('sellerCodes', $response, ($answer['code'] ?? null) === '10007' ? ['mayRepeat' => false] : []);
            }
            $advice = $response->headers['x-token-advice'] ?? null;
            if ($advice !== null && !$this->isAdvised) {
                $this->isAdvised = true;
                Http::warn($this->options['warn'], 'The gateway advises: ' . Http::escapeHidden($advice) . '. Let the processes of this account share one storage.');
            }
            return Http::dataOf($response, $types);
        });
    }

    private function sendPatiently(
        string $path,
        #[\SensitiveParameter]
        array $request,
        #[\SensitiveParameter]
        array $tokens,
        float $end
    ): Response {
        $method = strtoupper($request['method'] ?? 'GET');
        $headers = preg_grep('/^authorization\s*:/i', $request['headers'] ?? [], PREG_GREP_INVERT);
        $headers[] = "Authorization: Bearer {$tokens['accessToken']}";
        $url = $this->options['baseUrl'] . $path;
        $isSafe = in_array($method, ['GET', 'HEAD', 'OPTIONS'], true);
        $send = function (float $attemptEnd) use ($method, $url, $headers, $request, $isSafe): Response {
            return $this->http->send($method, $url, $headers, $request['body'] ?? null, $attemptEnd, $isSafe);
        };
        if (!$isSafe) {
            return $send($end);
        }
        $last = null;
        try {
            return $this->http->repeat($end, function (float $attemptEnd) use ($send, &$last): Response {
                $response = $send($attemptEnd);
                if (!in_array($response->status, [429, 502, 503, 504], true)) {
                    return $response;
                }
                $last = $response;
                throw Http::errorOf('sellerCodes', $response);
            });
        } catch (LobbykeyError $error) {
            if ($last !== null && $error->status !== 0) {
                return $last;
            }
            throw $error;
        }
    }

    private function use(
        #[\SensitiveParameter]
        array $tokens
    ): array {
        $this->tokens = $tokens;
        // By chance between the two, so that processes do not do it at once.
        $this->renewAt = self::renewalTime($tokens, random_int(75, 90) / 100);
        $this->renewAtMonotonic = Clock::monotonic() + $this->renewAt - Clock::now();
        return $tokens;
    }

    /** Whether there is no need to renew yet. Tokens of the future were got before the clock was set back: nobody knows when. */
    private static function isFresh(
        #[\SensitiveParameter]
        array $tokens
    ): bool {
        return $tokens['issuedAt'] <= Clock::now() && Clock::now() < self::renewalTime($tokens, 0.9);
    }

    private static function renewalTime(
        #[\SensitiveParameter]
        array $tokens,
        float $share
    ): float {
        return $tokens['issuedAt'] + ($tokens['expiresAt'] - $tokens['issuedAt']) * $share;
    }
}

/** @internal */
final class Clock
{
    public static function now(): int
    {
        return (int) floor(microtime(true) * 1000);
    }

    /** Milliseconds of the clock that is never set. */
    public static function monotonic(): float
    {
        return hrtime(true) / 1e6;
    }
}

/** @internal One kept-alive connection, and the rule of repeats. */
final class Http
{
    private const PAUSE_MS_MAX = 3000;
    /** Far more than the gateway answers. */
    private const BYTES_MAX = 16 * 1024 * 1024;
    /** An error's text stays short, whoever answered. */
    private const SAID_MAX = 500;
    private int $deadlineMs;
    private int $attemptMs;
    private int $firstPauseMs;
    /** @var resource|\CurlHandle|null */
    private $curl;
    /** The process that it belongs to. */
    private int $processId = 0;

    /** baseUrl without a slash at its end. What was left out of the settings shows at once, not as a gateway that does not answer. */
    public static function baseUrlOf(
        #[\SensitiveParameter]
        array $options
    ): string {
        $baseUrl = $options['baseUrl'] ?? null;
        if (!is_string($baseUrl) || !preg_match('~' . Contract::FACTS['baseUrl'] . '~D', $baseUrl)) {
            throw new \InvalidArgumentException(
                "baseUrl must be the gateway's URL in ASCII, without user name and query, such as https://login.example.com"
            );
        }
        return rtrim($baseUrl, '/');
    }

    /** Whether an option is there: a variable of the environment that is empty is as good as none. */
    public static function isGiven(
        #[\SensitiveParameter]
        $value
    ): bool {
        return is_string($value) && $value !== '';
    }

    public function __construct(array $options)
    {
        $this->deadlineMs = $options['deadlineMs'] ?? 15000;
        $this->attemptMs = $options['attemptMs'] ?? 6000;
        $this->firstPauseMs = $options['firstPauseMs'] ?? 200;
    }

    /** When a call that begins now has to be over, monotonic. Counted once a call, whatever it takes. */
    public function end(): float
    {
        return Clock::monotonic() + $this->deadlineMs;
    }

    /** Does the work again while its error says that a repeat can help, until the end. The work gets the end of each attempt. */
    public function repeat(
        float $end,
        #[\SensitiveParameter]
        callable $work
    ) {
        for ($attempt = 0; ; $attempt++) {
            try {
                return $work(min($end, Clock::monotonic() + $this->attemptMs));
            } catch (LobbykeyError $error) {
                $most = min($this->firstPauseMs * 2 ** $attempt, self::PAUSE_MS_MAX);
                $pauseMs = ($error->retryAfterMs ?? $most / 2) + random_int(0, 1000) / 2000 * $most;
                if (!$error->mayRepeat || Clock::monotonic() + $pauseMs >= $end) {
                    throw $error;
                }
                usleep((int) ($pauseMs * 1000));
            }
        }
    }

    public function send(
        string $method,
        string $url,
        #[\SensitiveParameter]
        array $headers,
        #[\SensitiveParameter]
        ?string $body,
        float $end,
        bool $isRepeatable = true
    ): Response {
        if ($this->processId !== getmypid()) {
            // After a fork, on its parent's connection, it would read its parent's answers.
            $this->curl = curl_init();
            $this->processId = (int) getmypid();
        }
        curl_reset($this->curl);
        $answered = [];
        $text = '';
        $bytes = 0;
        curl_setopt_array($this->curl, [
            CURLOPT_URL => $url,
            CURLOPT_CUSTOMREQUEST => $method,
            CURLOPT_NOBODY => $method === 'HEAD',
            CURLOPT_HTTPHEADER => array_merge($headers, ['Expect:']),
            CURLOPT_FOLLOWLOCATION => false,
            // When a connection that was kept ends without an answer, curl sends again by itself.
            CURLOPT_FRESH_CONNECT => !$isRepeatable,
            CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
            CURLOPT_TIMEOUT_MS => (int) max(1, $end - Clock::monotonic()),
            CURLOPT_NOSIGNAL => true,
            CURLOPT_HEADERFUNCTION => static function ($curl, string $line) use (&$answered, &$bytes): int {
                // An answer may come after interim ones, such as early hints, and after a proxy's.
                if (strpos($line, 'HTTP/') === 0) {
                    $answered = [];
                }
                $parts = explode(':', $line, 2);
                if (count($parts) === 2) {
                    $answered[strtolower(trim($parts[0]))] = trim($parts[1]);
                }
                $bytes += strlen($line);
                return $bytes > self::BYTES_MAX ? 0 : strlen($line);
            },
            // Fewer bytes than there are end the transfer.
            CURLOPT_WRITEFUNCTION => static function ($curl, string $piece) use (&$text, &$bytes): int {
                $bytes += strlen($piece);
                if ($bytes > self::BYTES_MAX) {
                    return 0;
                }
                $text .= $piece;
                return strlen($piece);
            },
        ]);
        if ($body !== null) {
            curl_setopt($this->curl, CURLOPT_POSTFIELDS, $body);
        }
        $isWhole = curl_exec($this->curl);
        $response = new Response(curl_getinfo($this->curl, CURLINFO_RESPONSE_CODE), $answered, $text);
        if ($bytes > self::BYTES_MAX) {
            throw self::unexpectedAnswer($response, 'The answer is larger than ' . self::BYTES_MAX . ' bytes', false);
        }
        if ($isWhole === false) {
            throw new LobbykeyError('The gateway did not answer (' . curl_strerror(curl_errno($this->curl)) . ')', [
                'key' => 'not_reached',
                'whatToDo' => 'Check baseUrl and the network; what was sent may have taken effect.',
                'mayRepeat' => true,
            ]);
        }
        return $response;
    }

    /** The failure that an answer tells by the codes of its API. */
    public static function errorOf(string $codes, Response $response, array $change = []): LobbykeyError
    {
        $answer = $response->json();
        $said = $answer['message'] ?? $answer['msg'] ?? null;
        $status = $response->status;
        $row = self::findRow($codes, $answer['code'] ?? null, $status);
        if ($row === null || !is_string($said)) {
            return self::unexpectedAnswer($response, "HTTP $status came, which is not an answer of the gateway", $status >= 500 || $status === 429);
        }
        return new LobbykeyError("{$row['code']} " . self::shortened($said), $change + self::factsOf($response) + [
            'code' => $row['code'],
            'key' => $row['key'],
            'whatToDo' => $row['cure'],
            'mayRepeat' => $row['retry'] === 'later',
        ]);
    }

    /** A success has to hold what the contract says: fields by their types of JSON, string, integer, array or access token. */
    public static function dataOf(Response $response, array $types): array
    {
        $data = $response->json()['data'] ?? null;
        foreach ($types as $name => $type) {
            $value = is_array($data) ? $data[$name] ?? null : null;
            if ($type === 'access token' ? !self::isAccessToken($value) : gettype($value) !== $type) {
                throw self::unexpectedAnswer($response, "The answer is a success without $name", false);
            }
        }
        return is_array($data) ? $data : [];
    }

    /** Whether it is a text that a header can carry: curl would send its line breaks as they are. */
    public static function isAccessToken(
        #[\SensitiveParameter]
        $value
    ): bool {
        return is_string($value) && preg_match('#' . Contract::FACTS['accessToken'] . '#D', $value) === 1;
    }

    /** Others renew the tokens, and this caller's time is over. */
    public static function tokensBusy(): LobbykeyError
    {
        return new LobbykeyError('Another caller or process is renewing the tokens, and did not finish in time', [
            'key' => 'tokens_busy',
            'whatToDo' => 'Call again; if this continues, look for a process that hangs while it holds the lock of the storage.',
            'mayRepeat' => true,
        ]);
    }

    private static function unexpectedAnswer(Response $response, string $message, bool $mayRepeat): LobbykeyError
    {
        return new LobbykeyError($message, self::factsOf($response) + [
            'key' => 'unexpected_answer',
            'whatToDo' => "Check baseUrl; a proxy may have answered in the gateway's place.",
            'mayRepeat' => $mayRepeat,
        ]);
    }

    private static function factsOf(Response $response): array
    {
        return [
            'status' => $response->status,
            'requestId' => $response->headers['x-request-id'] ?? null,
            'retryAfterMs' => self::retryAfterMsOf($response->headers),
        ];
    }

    /** How long the gateway, or a proxy before it, asks to wait: seconds or a date. Null for what is neither. */
    private static function retryAfterMsOf(array $headers): ?int
    {
        $text = $headers['retry-after'] ?? '';
        if (preg_match('/^\d+$/D', $text)) {
            // More digits than these are more patience than anybody has.
            return (strlen($text) < 10 ? (int) $text : 999999999) * 1000;
        }
        $date = self::timeOf($text);
        // By the clock of whoever wrote the date.
        return $date === null ? null : max(0, $date - (self::timeOf($headers['date'] ?? '') ?? time())) * 1000;
    }

    private static function timeOf(string $text): ?int
    {
        $date = \DateTimeImmutable::createFromFormat('D, d M Y H:i:s \G\M\T', $text, new \DateTimeZone('UTC'));
        return $date === false ? null : $date->getTimestamp();
    }

    /** Of whole characters. */
    private static function shortened(string $text): string
    {
        return strlen($text) <= self::SAID_MAX ? $text : (string) preg_replace('/[\xC0-\xFF]?[\x80-\xBF]*$/D', '', substr($text, 0, self::SAID_MAX));
    }

    /** Replaces hidden characters, line breaks included, by JSON escapes of their UTF-16 units. */
    public static function escapeHidden(string $text): string
    {
        // Headers need not be UTF-8: then they are taken as Latin-1.
        $isUtf8 = preg_match('//u', $text) === 1;
        $utf8 = $isUtf8 ? $text : preg_replace_callback('/[\x80-\xFF]/', static function (array $found): string {
            return chr(0xC0 | ord($found[0]) >> 6) . chr(0x80 | ord($found[0]) & 0x3F);
        }, $text);
        return preg_replace_callback(Contract::HIDDEN, static function (array $found): string {
            return strlen($found[0]) === 1 ? sprintf('\u%04x', ord($found[0])) : substr(json_encode($found[0]), 1, -1);
        }, $utf8);
    }

    public static function warn(?callable $warn, string $text): void
    {
        $warn === null ? error_log($text) : $warn($text);
    }

    private static function findRow(string $codes, $code, int $status): ?array
    {
        $found = null;
        foreach (Contract::FACTS[$codes] as $row) {
            if ($row['code'] !== $code) {
                continue;
            }
            if ($row['status'] === 0 || $row['status'] === $status) {
                return $row;
            }
            $found = $found ?? $row;
        }
        return $found;
    }
}

// begin contract
/** @internal Written by `npm run clients` from packages/contract. Do not edit. */
final class Contract
{
    public const FACTS = [
        'calls' => [
            'login' => [
                'method' => 'POST',
                'path' => '/api/member/login',
                'fields' => [
                    'user_id',
                    'token',
                    'platform',
                    'language',
                    'currency',
                    'game_code',
                    'callback',
                    'limits',
                    'custom_language',
                ],
                'signed' => [
                    'unsigned' => [
                        'agent_id',
                        'currency',
                        'game_code',
                        'language',
                        'platform',
                        'timestamp',
                        'token',
                        'user_id',
                    ],
                    'signed' => [
                        'agent_id',
                        'callback',
                        'currency',
                        'game_code',
                        'language',
                        'platform',
                        'timestamp',
                        'token',
                        'user_id',
                    ],
                ],
                'clearable' => [],
                'answers' => ['url' => 'string', 'token' => 'string'],
            ],
            'create' => [
                'method' => 'POST',
                'path' => '/api/member/create',
                'fields' => ['user_id', 'user_name', 'desc'],
                'signed' => [
                    'unsigned' => ['agent_id', 'desc', 'timestamp', 'user_id', 'user_name'],
                    'signed' => ['agent_id', 'desc', 'timestamp', 'user_id', 'user_name'],
                ],
                'clearable' => [],
                'answers' => [],
            ],
            'update' => [
                'method' => 'POST',
                'path' => '/api/member/update',
                'fields' => ['user_id', 'user_name', 'desc'],
                'signed' => [
                    'unsigned' => ['agent_id', 'desc', 'timestamp', 'user_id', 'user_name'],
                    'signed' => ['agent_id', 'desc', 'timestamp', 'user_id', 'user_name'],
                ],
                'clearable' => ['desc'],
                'answers' => [],
            ],
            'lock' => [
                'method' => 'POST',
                'path' => '/api/member/lock',
                'fields' => ['user_id', 'status'],
                'signed' => [
                    'unsigned' => ['agent_id', 'status', 'timestamp', 'user_id'],
                    'signed' => ['agent_id', 'status', 'timestamp', 'user_id'],
                ],
                'clearable' => [],
                'answers' => [],
            ],
            'logout' => [
                'method' => 'POST',
                'path' => '/api/member/logout',
                'fields' => ['user_id'],
                'signed' => [
                    'unsigned' => ['agent_id', 'timestamp', 'user_id'],
                    'signed' => ['agent_id', 'timestamp', 'user_id'],
                ],
                'clearable' => [],
                'answers' => [],
            ],
            'guest_login' => [
                'method' => 'POST',
                'path' => '/api/guest/login',
                'fields' => ['platform', 'language', 'currency', 'game_code', 'amount', 'callback'],
                'signed' => [
                    'unsigned' => [
                        'agent_id',
                        'amount',
                        'callback',
                        'currency',
                        'game_code',
                        'language',
                        'platform',
                        'timestamp',
                    ],
                    'signed' => [
                        'agent_id',
                        'amount',
                        'callback',
                        'currency',
                        'game_code',
                        'language',
                        'platform',
                        'timestamp',
                    ],
                ],
                'clearable' => [],
                'answers' => ['url' => 'string', 'token' => 'string'],
            ],
            'game_list' => [
                'method' => 'GET',
                'path' => '/api/game/list',
                'fields' => ['game_id'],
                'signed' => [
                    'unsigned' => ['agent_id', 'game_id', 'timestamp'],
                    'signed' => ['agent_id', 'game_id', 'timestamp'],
                ],
                'clearable' => [],
                'answers' => ['list' => 'array'],
            ],
            'limit_list' => [
                'method' => 'GET',
                'path' => '/api/red/limit/list',
                'fields' => ['game_id', 'currency'],
                'signed' => [
                    'unsigned' => ['agent_id', 'currency', 'game_id', 'timestamp'],
                    'signed' => ['agent_id', 'currency', 'game_id', 'timestamp'],
                ],
                'clearable' => [],
                'answers' => ['list' => 'array'],
            ],
        ],
        'memberCodes' => [
            [
                'code' => 408000,
                'text' => 'Request Parameter Error',
                'status' => 421,
                'key' => 'host_not_served',
                'retry' => 'fix',
                'cure' => 'Use the URL that the operator gave you. Operators: let the proxy pass Host on, or list the name in ALLOWED_HOSTS.',
            ],
            [
                'code' => 408000,
                'text' => 'Request Parameter Error: send Content-Type application/json, in UTF-8, without Content-Encoding',
                'status' => 415,
                'key' => 'unsupported_media_type',
                'retry' => 'fix',
                'cure' => 'Send Content-Type: application/json and no Content-Encoding.',
            ],
            [
                'code' => 408000,
                'text' => 'Request Parameter Error: the body is larger than 16 KiB',
                'status' => 413,
                'key' => 'body_too_large',
                'retry' => 'fix',
                'cure' => 'Send only the fields of the call.',
            ],
            [
                'code' => 408000,
                'text' => 'Request Parameter Error: the path does not take this method',
                'status' => 405,
                'key' => 'method_not_allowed',
                'retry' => 'fix',
                'cure' => 'Use the method that the Allow header names.',
            ],
            [
                'code' => 408000,
                'text' => 'Request Parameter Error: no such path',
                'status' => 404,
                'key' => 'path_not_found',
                'retry' => 'fix',
                'cure' => 'Compare the path with the reference; paths are case sensitive and have no trailing slash.',
            ],
            [
                'code' => 408000,
                'text' => 'Request Parameter Error',
                'status' => 0,
                'key' => 'invalid_parameter',
                'retry' => 'fix',
                'cure' => 'The message names the field and its rule.',
            ],
            [
                'code' => 408003,
                'text' => 'Whitelist Restriction',
                'status' => 0,
                'key' => 'address_not_allowed',
                'retry' => 'fix',
                'cure' => 'Ask the operator to add the address in the message.',
            ],
            [
                'code' => 408004,
                'text' => 'API Rate Limit: the server is at its limit',
                'status' => 503,
                'key' => 'queue_full',
                'retry' => 'later',
                'cure' => 'Wait for Retry-After seconds, then repeat the same request.',
            ],
            [
                'code' => 408004,
                'text' => 'API Rate Limit',
                'status' => 0,
                'key' => 'rate_limited',
                'retry' => 'later',
                'cure' => 'Wait for Retry-After seconds, then repeat the same request.',
            ],
            [
                'code' => 600100,
                'text' => 'Invalid Signature',
                'status' => 0,
                'key' => 'bad_signature',
                'retry' => 'fix',
                'cure' => 'Compare your canonical string with `lobbykey sign`, or let `lobbykey explain` name the mistake.',
            ],
            [
                'code' => 700101,
                'text' => 'Merchant Not Found',
                'status' => 0,
                'key' => 'merchant_not_found',
                'retry' => 'fix',
                'cure' => 'Check agent_id; it is case sensitive.',
            ],
            [
                'code' => 700102,
                'text' => 'Member Exists',
                'status' => 0,
                'key' => 'member_exists',
                'retry' => 'no',
                'cure' => 'Nothing, or use update.',
            ],
            [
                'code' => 700103,
                'text' => 'User Not Found',
                'status' => 0,
                'key' => 'member_not_found',
                'retry' => 'fix',
                'cure' => 'Create the member first.',
            ],
            [
                'code' => 700105,
                'text' => 'Lock Failed: the lock could not be written, retry',
                'status' => 503,
                'key' => 'lock_failed',
                'retry' => 'later',
                'cure' => 'Repeat the same request after Retry-After; repeating is safe.',
            ],
            [
                'code' => 700106,
                'text' => 'Login Failed: service unavailable, retry',
                'status' => 503,
                'key' => 'store_unavailable',
                'retry' => 'later',
                'cure' => 'Repeat the same request after Retry-After; repeating is safe.',
            ],
            [
                'code' => 700106,
                'text' => 'Login Failed: internal error',
                'status' => 500,
                'key' => 'internal',
                'retry' => 'later',
                'cure' => 'Try again later; give the operator the X-Request-Id.',
            ],
            [
                'code' => 700106,
                'text' => 'Login Failed',
                'status' => 0,
                'key' => 'login_refused',
                'retry' => 'fix',
                'cure' => 'Generate a new random token and sign again.',
            ],
            [
                'code' => 700108,
                'text' => 'User Prohibited from Login',
                'status' => 0,
                'key' => 'member_locked',
                'retry' => 'no',
                'cure' => 'Unlock the member: set a status that allows logins.',
            ],
            [
                'code' => 700208,
                'text' => 'Currency Not in Merchant\'s Selected Currency List',
                'status' => 0,
                'key' => 'currency_not_allowed',
                'retry' => 'fix',
                'cure' => 'Use a currency that is set up for the merchant.',
            ],
            [
                'code' => 700270,
                'text' => 'Bet Limits Error',
                'status' => 0,
                'key' => 'bet_limits',
                'retry' => 'fix',
                'cure' => 'The message names the key and the ID. Choose from the bet-limit list, in its order.',
            ],
        ],
        'sellerCodes' => [
            [
                'code' => '10001',
                'text' => 'URL not found',
                'status' => 405,
                'key' => 'method_not_allowed',
                'retry' => 'fix',
                'cure' => 'Use the method that the Allow header names.',
            ],
            [
                'code' => '10001',
                'text' => 'URL not found',
                'status' => 404,
                'key' => 'path_not_found',
                'retry' => 'fix',
                'cure' => 'Compare the path with the reference; paths are case sensitive and have no trailing slash.',
            ],
            [
                'code' => '10002',
                'text' => 'JSON parsing error: send Content-Type application/json, in UTF-8, without Content-Encoding',
                'status' => 415,
                'key' => 'unsupported_media_type',
                'retry' => 'fix',
                'cure' => 'Send Content-Type: application/json and no Content-Encoding.',
            ],
            [
                'code' => '10002',
                'text' => 'JSON parsing error: the body is larger than 16 KiB',
                'status' => 413,
                'key' => 'body_too_large',
                'retry' => 'fix',
                'cure' => 'Send only the fields of the call.',
            ],
            [
                'code' => '10002',
                'text' => 'JSON parsing error',
                'status' => 400,
                'key' => 'invalid_body',
                'retry' => 'fix',
                'cure' => 'Send one JSON object in UTF-8, each key once. The message says what is wrong.',
            ],
            [
                'code' => '10003',
                'text' => 'Signature verification failed',
                'status' => 401,
                'key' => 'seller_signature_invalid',
                'retry' => 'fix',
                'cure' => 'Does not occur today.',
            ],
            [
                'code' => '10004',
                'text' => 'Service unavailable, retry',
                'status' => 503,
                'key' => 'store_unavailable',
                'retry' => 'later',
                'cure' => 'Repeat the same request after Retry-After; repeating is safe.',
            ],
            [
                'code' => '10005',
                'text' => 'Request parameter error',
                'status' => 421,
                'key' => 'host_not_served',
                'retry' => 'fix',
                'cure' => 'Use the URL that the operator gave you. Operators: let the proxy pass Host on, or list the name in ALLOWED_HOSTS.',
            ],
            [
                'code' => '10005',
                'text' => 'Request parameter error',
                'status' => 400,
                'key' => 'invalid_parameter',
                'retry' => 'fix',
                'cure' => 'The message names the field and its rule.',
            ],
            [
                'code' => '10006',
                'text' => 'Email or password is incorrect',
                'status' => 401,
                'key' => 'bad_credentials',
                'retry' => 'fix',
                'cure' => 'Check both; if they are right, ask the operator whether the account is enabled and unlocked.',
            ],
            [
                'code' => '10007',
                'text' => 'Too many requests',
                'status' => 429,
                'key' => 'throttled',
                'retry' => 'later',
                'cure' => 'Wait for Retry-After seconds.',
            ],
            [
                'code' => '10008',
                'text' => 'Access token is missing or invalid',
                'status' => 401,
                'key' => 'access_token_invalid',
                'retry' => 'login',
                'cure' => 'Send Authorization: Bearer with the accessToken of the last login or refresh.',
            ],
            [
                'code' => '10009',
                'text' => 'Access token has expired',
                'status' => 401,
                'key' => 'access_token_expired',
                'retry' => 'login',
                'cure' => 'Refresh, then repeat the call.',
            ],
            [
                'code' => '10010',
                'text' => 'Access token has been revoked',
                'status' => 401,
                'key' => 'access_token_revoked',
                'retry' => 'login',
                'cure' => 'Log in again.',
            ],
            [
                'code' => '10011',
                'text' => 'Refresh token is not valid',
                'status' => 401,
                'key' => 'refresh_token_invalid',
                'retry' => 'login',
                'cure' => 'Log in again; keep only the newest refresh token.',
            ],
            [
                'code' => '10012',
                'text' => 'Login is busy, retry',
                'status' => 503,
                'key' => 'login_busy',
                'retry' => 'later',
                'cure' => 'Wait for Retry-After seconds. Reuse your token instead of logging in for each call.',
            ],
            [
                'code' => '10013',
                'text' => 'Reset token is not valid',
                'status' => 401,
                'key' => 'reset_token_invalid',
                'retry' => 'no',
                'cure' => 'Ask the operator for a new link.',
            ],
            [
                'code' => '10099',
                'text' => 'Internal error',
                'status' => 500,
                'key' => 'internal',
                'retry' => 'later',
                'cure' => 'Try again later; give the operator the X-Request-Id.',
            ],
        ],
        'algorithms' => [
            'md5' => ['hash' => 'md5', 'keyUse' => 'key-in-text'],
            'hmac-sha256' => ['hash' => 'sha256', 'keyUse' => 'hmac'],
        ],
        'sellerPath' => '/merchant-api/seller/auth',
        'timestampWindowMs' => 600000,
        'serverClock' => 'the server\'s clock, ([0-9]{13})',
        'baseUrl' => '^https?://([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(:[1-9][0-9]{0,4})?(/[A-Za-z0-9._,;=:@+/-]*)?$',
        'accessToken' => '^[A-Za-z0-9._~+/=-]+$',
    ];

    public const VECTOR = [
        'key' => 'l4gnD61pz4arJyv8',
        'fields' => [
            'agent_id' => 'agent001',
            'user_id' => 'testUid03',
            'user_name' => 'testUser',
            'desc' => 'a test user',
            'timestamp' => 1734486159402,
        ],
        'text' => 'l4gnD61pz4arJyv8&agent_id=agent001&desc=a test user&timestamp=1734486159402&user_id=testUid03&user_name=testUser',
        'digests' => [
            'md5' => '9d356beca8874e340721cc3e269863bd',
            'hmac-sha256' => '8731c9be76a30e717e6fafee5e93197029376872b074e058bcd67fd677b94b81',
        ],
    ];

    /** Characters that do not show as themselves. */
    public const HIDDEN = '/[\x{0}-\x{1f}\x{7f}-\x{a0}\x{ad}\x{34f}\x{600}-\x{605}\x{61c}\x{6dd}\x{70f}\x{890}-\x{891}\x{8e2}\x{115f}-\x{1160}\x{1680}\x{17b4}-\x{17b5}\x{180b}-\x{180f}\x{2000}-\x{200f}\x{2028}-\x{202f}\x{205f}-\x{206f}\x{2800}\x{3000}\x{3164}\x{fe00}-\x{fe0f}\x{feff}\x{ffa0}\x{fff0}-\x{fffb}\x{110bd}\x{110cd}\x{13430}-\x{1343f}\x{1bca0}-\x{1bca3}\x{1d173}-\x{1d17a}\x{e0000}-\x{e0fff}]/u';
}
// end contract
