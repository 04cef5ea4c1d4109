package io.lobbykey;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What went wrong, in words that say what to do. Never holds a key, a password or a token, and its message holds of what others wrote nothing that a
 * terminal obeys.
 */
public final class LobbykeyException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final Pattern HIDDEN = Pattern.compile(Contract.HIDDEN);

    private final String code;
    private final String key;
    private final int status;
    private final String said;
    private final String whatToDo;
    private final boolean mayRepeat;
    private final String requestId;
    private final transient Duration retryAfter;

    LobbykeyException(String said, Facts facts, Throwable cause) {
        super(escapeHidden(said + ". " + facts.whatToDo + shown(facts.requestId)), cause);
        this.said = said;
        code = facts.code;
        key = facts.key;
        status = facts.status;
        whatToDo = facts.whatToDo;
        mayRepeat = facts.mayRepeat;
        requestId = facts.requestId;
        retryAfter = facts.retryAfter;
    }

    /** Of the answer; null when there was no answer of the gateway. */
    public String code() {
        return code;
    }

    /** Decide by this: a key of docs/errors.md, or {@code not_reached}, {@code unexpected_answer} or {@code tokens_busy}. */
    public String key() {
        return key;
    }

    /** Of HTTP; 0 when no answer came. */
    public int status() {
        return status;
    }

    /** What the gateway said, as it wrote it, or what happened; null never. */
    public String said() {
        return said;
    }

    public String whatToDo() {
        return whatToDo;
    }

    /** Whether the same call may succeed later, unchanged. */
    public boolean mayRepeat() {
        return mayRepeat;
    }

    /** X-Request-Id of the answer: tell it to the operator when something needs looking into; null when no answer came. */
    public String requestId() {
        return requestId;
    }

    /** How long the gateway asks to wait; null when it does not say. */
    public Duration retryAfter() {
        return retryAfter;
    }

    /** Replaces hidden characters, line breaks included, by JSON escapes of their UTF-16 units. */
    static String escapeHidden(String text) {
        return HIDDEN.matcher(text).replaceAll(found -> {
            StringBuilder escaped = new StringBuilder();
            found.group().chars().forEach(unit -> escaped.append(String.format("\\u%04x", unit)));
            return Matcher.quoteReplacement(escaped.toString());
        });
    }

    private static String shown(String requestId) {
        return requestId == null ? "" : " (request ID " + requestId.substring(0, Math.min(requestId.length(), 100)) + ")";
    }

    record Facts(String code, String key, int status, String whatToDo, boolean mayRepeat, String requestId, Duration retryAfter) {
        /** Of a call that was not answered. */
        static Facts unanswered(String key, String whatToDo, boolean mayRepeat) {
            return new Facts(null, key, 0, whatToDo, mayRepeat, null, null);
        }
    }
}
