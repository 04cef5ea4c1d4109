<?php
// PHP's driver of clients/conformance: a case a line in, an answer a line out.
declare(strict_types=1);

require __DIR__ . '/../src/Lobbykey.php';

use Lobbykey\FileStorage;
use Lobbykey\LobbykeyError;
use Lobbykey\MerchantClient;
use Lobbykey\SellerClient;

// Traces with arguments, as on a machine of a developer: the runner looks for secrets in them.
ini_set('zend.exception_ignore_args', '0');

$methods = ['guest_login' => 'guestLogin', 'game_list' => 'games', 'limit_list' => 'limits'];

function fetched(SellerClient $client, array $fields): string
{
    $headers = [];
    foreach ($fields['headers'] ?? [] as $name => $value) {
        $headers[] = "$name: $value";
    }
    return (string) $client->fetch($fields['path'], ['headers' => $headers] + $fields)->status;
}

while (($line = fgets(STDIN)) !== false) {
    ['client' => $kind, 'options' => $options, 'calls' => $calls] = json_decode($line, true);
    $warnings = [];
    $debug = '';
    $options['warn'] = function (string $text) use (&$warnings): void {
        $warnings[] = $text;
    };
    $options['debug'] = function (string $text) use (&$debug): void {
        $debug .= "$text\n";
    };
    if (isset($options['storage'])) {
        $options['storage'] = new FileStorage($options['storage'], $options['warn']);
    }
    try {
        $client = $kind === 'merchant' ? new MerchantClient($options) : new SellerClient($options);
    } catch (InvalidArgumentException $refusal) {
        echo json_encode(['refused' => $refusal->getMessage()]), "\n";
        continue;
    }
    $results = [];
    foreach ($calls as $call) {
        for ($time = 0; $time < ($call['times'] ?? 1); $time++) {
            $name = $methods[$call['do']] ?? $call['do'];
            try {
                $fields = $call['fields'] ?? [];
                $names = $name === 'fetch' ? [fetched($client, $fields)] : array_keys(($kind === 'merchant' ? $client->$name($fields) : $client->$name()) ?? []);
                $results[] = ['ok' => $names];
            } catch (LobbykeyError $error) {
                $results[] = ['error' => [
                    'code' => $error->apiCode,
                    'key' => $error->key,
                    'mayRepeat' => $error->mayRepeat,
                    'requestId' => $error->requestId,
                    'message' => $error->getMessage(),
                    'dump' => print_r($client, true) . print_r($error->getTrace(), true),
                ]];
            } catch (RuntimeException | InvalidArgumentException $other) {
                $results[] = ['thrown' => $other->getMessage()];
            }
        }
    }
    // A request ID need not be UTF-8.
    echo json_encode(['results' => $results, 'warnings' => $warnings, 'debug' => $debug], JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}
