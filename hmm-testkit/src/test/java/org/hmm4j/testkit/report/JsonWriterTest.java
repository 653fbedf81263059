// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonWriterTest {

  @Test
  void aReaderGetsBackWhatWasWritten() {
    String odd = "a\"b\\c\n\t\u0000\u001f</script>&<!--\u2028\u2029é\ud83d\ude00\ud800";
    String json =
        new JsonWriter()
            .beginObject()
            .name(odd)
            .value(odd)
            .line()
            .name("list")
            .beginArray()
            .line()
            .value(-1)
            .line()
            .value(true)
            .beginArray()
            .endArray()
            .beginObject()
            .endObject()
            .endArray()
            .name("last")
            .value(Long.MIN_VALUE)
            .endObject()
            .toString();
    assertEquals(
        Map.of(odd, odd, "list", List.of(-1L, true, List.of(), Map.of()), "last", Long.MIN_VALUE),
        Json.read(json));
    assertFalse(json.contains("<"), json);
    assertFalse(json.contains("&"), json);
  }
}
