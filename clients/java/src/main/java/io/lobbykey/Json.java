package io.lobbykey;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as plain objects: maps, lists, texts, {@link Long} or {@link BigDecimal}, {@link Boolean}, null. */
final class Json {
    private static final int DEPTH_MAX = 100;
    /** Java reads a long number in the square of its length. */
    private static final int DIGITS_MAX = 1_000;

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** A JSON object; empty where the text is none. */
    static Map<String, Object> object(String text) {
        try {
            Json json = new Json(text);
            Object value = json.value(0);
            json.skipBlank();
            if (json.at == text.length() && value instanceof Map<?, ?> map) return cast(map);
        } catch (IllegalArgumentException | IndexOutOfBoundsException notJson) {
            // Half an answer, or a proxy's page.
        }
        return Map.of();
    }

    static String write(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> cast(Map<?, ?> map) {
        return (Map<String, Object>) map;
    }

    private static void write(Object value, StringBuilder out) {
        if (value instanceof Map<?, ?> map) {
            out.append('{');
            String between = "";
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                out.append(between);
                writeText(String.valueOf(entry.getKey()), out);
                out.append(':');
                write(entry.getValue(), out);
                between = ",";
            }
            out.append('}');
        } else if (value instanceof Iterable<?> list) {
            out.append('[');
            String between = "";
            for (Object item : list) {
                out.append(between);
                write(item, out);
                between = ",";
            }
            out.append(']');
        } else if (value == null || value instanceof Number || value instanceof Boolean) {
            out.append(value);
        } else {
            writeText(value.toString(), out);
        }
    }

    private static void writeText(String text, StringBuilder out) {
        out.append('"');
        for (int at = 0; at < text.length(); at++) {
            char character = text.charAt(at);
            if (character == '"' || character == '\\') out.append('\\').append(character);
            else if (character < ' ') out.append(String.format("\\u%04x", (int) character));
            else out.append(character);
        }
        out.append('"');
    }

    private Object value(int depth) {
        if (depth > DEPTH_MAX) throw new IllegalArgumentException("too deep");
        skipBlank();
        char first = text.charAt(at);
        if (first == '{') return map(depth);
        if (first == '[') return list(depth);
        if (first == '"') return string();
        for (String word : List.of("true", "false", "null")) {
            if (text.startsWith(word, at)) {
                at += word.length();
                return word.equals("null") ? null : (Object) word.equals("true");
            }
        }
        return number();
    }

    private Map<String, Object> map(int depth) {
        Map<String, Object> map = new LinkedHashMap<>();
        at++;
        if (next('}')) return map;
        do {
            skipBlank();
            String name = string();
            expect(':');
            map.put(name, value(depth + 1));
        } while (next(','));
        expect('}');
        return map;
    }

    private List<Object> list(int depth) {
        List<Object> list = new ArrayList<>();
        at++;
        if (next(']')) return list;
        do list.add(value(depth + 1)); while (next(','));
        expect(']');
        return list;
    }

    private String string() {
        if (text.charAt(at++) != '"') throw new IllegalArgumentException("no text");
        StringBuilder out = new StringBuilder();
        while (true) {
            char character = text.charAt(at++);
            if (character == '"') return out.toString();
            if (character != '\\') {
                out.append(character);
                continue;
            }
            char escape = text.charAt(at++);
            if (escape == 'u') {
                out.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
                at += 4;
            } else {
                int known = "\"\\/bfnrt".indexOf(escape);
                if (known < 0) throw new IllegalArgumentException("no escape");
                out.append("\"\\/\b\f\n\r\t".charAt(known));
            }
        }
    }

    private Object number() {
        int from = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) at++;
        if (at - from > DIGITS_MAX) throw new IllegalArgumentException("too long");
        BigDecimal number = new BigDecimal(text.substring(from, at));
        boolean isWhole = number.scale() == 0 && number.precision() < 19;
        return isWhole ? (Object) number.longValueExact() : number;
    }

    private boolean next(char wanted) {
        skipBlank();
        if (text.charAt(at) != wanted) return false;
        at++;
        return true;
    }

    private void expect(char wanted) {
        if (!next(wanted)) throw new IllegalArgumentException("no " + wanted);
    }

    private void skipBlank() {
        while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) at++;
    }
}
