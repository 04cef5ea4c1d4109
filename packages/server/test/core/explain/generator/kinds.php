<?php
// Texts as PHP makes them wrongly: requests as JSON lines in, a list of [name, accepted kinds, text] a line out.
while (($line = fgets(STDIN)) !== false) {
    ['fields' => $fields, 'signed' => $signed, 'key' => $key] = json_decode($line, true);
    ksort($signed, SORT_STRING);
    $body = json_decode($line, true)['fields'];
    $asort = $signed;
    asort($asort);
    $joined = fn ($map, $sep = '&', $is = '=') => implode($sep, array_map(fn ($k, $v) => "$k$is$v", array_keys($map), $map));
    $out = [
        ['http_build_query', ['value-encoded'], "$key&" . http_build_query($signed)],
        ['http_build_query RFC 3986', ['value-encoded'], "$key&" . http_build_query($signed, '', '&', PHP_QUERY_RFC3986)],
        ['urldecode(http_build_query)', ['value-decoded'], "$key&" . urldecode(http_build_query($signed))],
        ['http_build_query of the body', ['value-encoded', 'unsigned-field-signed', 'callback-signed', 'field-order'], "$key&" . http_build_query($body)],
        ['json_encode', ['object-signed'], "$key&" . json_encode($signed)],
        ['json_encode pretty', ['object-signed'], "$key&" . json_encode($signed, JSON_PRETTY_PRINT)],
        ['serialize', ['object-signed'], "$key&" . serialize($signed)],
        ['print_r', ['object-signed'], "$key&" . print_r($signed, true)],
        ['var_export', ['object-signed'], "$key&" . var_export($signed, true)],
        ['Array', ['nothing-signed'], "$key&" . 'Array'],
        ['asort', ['field-order'], "$key&" . $joined($asort)],
        ['single quotes', ['value-unset'], "$key&" . implode('&', array_map(fn ($k) => $k . '=$' . $k, array_keys($signed)))],
        ['htmlspecialchars', ['value-escaped', 'html-entities', 'separators'], "$key&" . htmlspecialchars($joined($signed))],
        ['addslashes', ['value-escaped'], "$key&" . $joined(array_map('addslashes', array_map('strval', $signed)))],
        ['number_format', ['number-reprinted'], "$key&" . $joined(array_replace($signed, ['timestamp' => number_format((float) $signed['timestamp'])]))],
        ['date', ['timestamp-signed-in-another-unit'], "$key&" . $joined(array_replace($signed, ['timestamp' => gmdate('Y-m-d H:i:s', intdiv((int) $signed['timestamp'], 1000))]))],
        ['date h', ['timestamp-signed-in-another-unit'], "$key&" . $joined(array_replace($signed, ['timestamp' => gmdate('Y-m-d h:i:s', intdiv((int) $signed['timestamp'], 1000))]))],
        ['values', ['values-only', 'another-form', 'key-separator'], $key . implode('', $signed)],
        ['strrev', [], "$key&" . $joined(array_map('strrev', array_map('strval', $signed)))],
        ['ucwords names', ['names-changed'], "$key&" . implode('&', array_map(fn ($k, $v) => str_replace('_', '', ucwords($k, '_')) . "=$v", array_keys($signed), $signed))],
    ];
    echo json_encode($out, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}
