import java.util.*;
import java.util.stream.*;

/** Texts as Java makes them wrongly: a request a line in (key, then name and value, parted by tabs), lines of name, kinds and text out. */
public class Kinds {
  public static void main(String[] args) throws Exception {
    var in = new Scanner(System.in, "UTF-8");
    var out = new java.io.PrintStream(System.out, true, "UTF-8");
    while (in.hasNextLine()) {
      var cells = in.nextLine().split("\t", -1);
      var key = cells[0];
      var fields = new TreeMap<String, String>();
      for (int at = 1; at + 1 < cells.length; at += 2) fields.put(cells[at], cells[at + 1]);
      var hash = new HashMap<>(fields);
      var time = Long.parseLong(fields.get("timestamp"));
      say(out, "HashMap", "field-order", key + "&" + join(hash));
      say(out, "Map.toString", "object-signed", key + "&" + fields);
      say(out, "HashMap.toString", "object-signed", key + "&" + hash);
      say(out, "Optional", "value-quoted", key + "&" + fields.entrySet().stream().map(f -> f.getKey() + "=" + Optional.of(f.getValue())).collect(Collectors.joining("&")));
      say(out, "List.toString", "value-quoted", key + "&" + fields.entrySet().stream().map(f -> f.getKey() + "=" + List.of(f.getValue())).collect(Collectors.joining("&")));
      say(out, "URLEncoder", "value-encoded", key + "&" + fields.entrySet().stream().map(f -> f.getKey() + "=" + java.net.URLEncoder.encode(f.getValue(), java.nio.charset.StandardCharsets.UTF_8)).collect(Collectors.joining("&")));
      say(out, "values()", "values-only,another-form", key + "&" + String.join("", fields.values()));
      say(out, "values().toString", "values-only,object-signed,another-form", key + "&" + fields.values());
      say(out, "entrySet.toString", "object-signed", key + "&" + fields.entrySet());
      say(out, "double", "number-reprinted", key + "&" + join(with(fields, String.valueOf((double) time))));
      say(out, "(int)", "number-reprinted", key + "&" + join(with(fields, String.valueOf((int) time))));
      say(out, "%,d", "number-reprinted", key + "&" + join(with(fields, String.format(Locale.US, "%,d", time))));
      say(out, "Instant", "timestamp-signed-in-another-unit", key + "&" + join(with(fields, java.time.Instant.ofEpochMilli(time).toString())));
      say(out, "hh", "timestamp-signed-in-another-unit", key + "&" + join(with(fields, format("yyyy-MM-dd hh:mm:ss", time))));
      say(out, "yyyyMMddHHmmss", "timestamp-signed-in-another-unit", key + "&" + join(with(fields, format("yyyyMMddHHmmss", time))));
      say(out, "key as char[]", "key-quoted,key-transformed", Arrays.toString(key.toCharArray()) + "&" + join(fields));
      out.println();
    }
  }

  static String join(Map<String, String> fields) {
    return fields.entrySet().stream().map(f -> f.getKey() + "=" + f.getValue()).collect(Collectors.joining("&"));
  }

  static Map<String, String> with(Map<String, String> fields, String time) {
    var copy = new TreeMap<>(fields);
    copy.put("timestamp", time);
    return copy;
  }

  static String format(String pattern, long time) {
    var format = new java.text.SimpleDateFormat(pattern, Locale.US);
    format.setTimeZone(TimeZone.getTimeZone("UTC"));
    return format.format(new Date(time));
  }

  static void say(java.io.PrintStream out, String name, String kinds, String text) {
    out.println(name + "\t" + kinds + "\t" + text);
  }
}
