package io.starling.fuzz;

/// Texts that are read, to begin with.
final class Examples {

  private static final String KEY = "00000000000000010000000000000002";
  private static final String REPLICA = KEY + "-0000000000000003";
  private static final String TOKEN = "wn8xB-WiL5I4QCfvZSEkKQA";

  static final String MUTATIONS =
      """
      =[{"op":"set","value":1,"rule":"all","fields":["f"]},{"op":"increment","amount":2},\
      {"op":"flag","enabled":false},{"op":"add","elements":["x"]},\
      {"op":"removeElements","elements":[1.5]},{"op":"merge","patch":{"a":null},\
      "nullRemoves":true},{"op":"remove"},{"op":"reset","seen":[{"replica":"%s","seq":1,\
      "index":0,"total":5}]}]\
      """
          .formatted(REPLICA);

  static final String MANIFEST =
      """
      ={"format":1,"cluster":"%1$s","node":"%1$s","name":"a","version":"0.1.0",\
      "taken":"2026-01-02T03:04:05Z","finished":"2026-01-02T03:04:06Z","chunks":1,"bytes":2,\
      "addedChunks":3,"addedBytes":4,"spaces":[{"name":"main","id":"%1$s","token":"%2$s",\
      "vector":{},"digest":"%1$s","cells":1,"parts":{"cells":{"rows":1,"bytes":2,"lists":\
      [{"first":"YQ==","chunk":"%1$s%1$s"}]},"keys":{"rows":0,"bytes":0,"lists":[]}}}]}\
      """
          .formatted(KEY, TOKEN);

  static final String WITNESS =
      """
      =format=1
      cluster=%1$s
      node=%1$s
      written=2026-01-02T03:04:05Z
      clean=false
      host=h
      device=1
      inode=2
      born=3
      space.main.own=%2$s 1 00
      space.main.token=%3$s
      """
          .formatted(KEY, REPLICA, TOKEN);

  static final String RECEIPT =
      """
      ={"receipt":1,"cluster":"%s","space":"main","generation":1,"token":"%2$s","statements":\
      [{"name":"a","site":"here","certificate":"YQ==","token":"%2$s","body":"YQ==",\
      "signature":"YQ=="}]}\
      """
          .formatted(KEY, TOKEN);

  static final String EXPORTED =
      """
      ={"key":"k","view":{"type":"map","fields":{"a":{"type":"register","rule":"all","value":1,\
      "values":[{"value":1,"replica":"%s","seq":1,"index":0,"millis":1,"latest":true,\
      "read":true}]},"b":{"type":"conflict","views":[{"type":"counter","total":2,"shares":[]},\
      {"type":"set","wins":"remove","elements":[1.5],"more":false}]},"c":{"type":"flag",\
      "wins":"disable","value":true}}}}\
      """
          .formatted(REPLICA);

  static final String SCRIPT =
      """
      =10s..40s: split eu | us,ap
      12s..20s: oneway eu > us-2
      15s..18s: stop us-1
      20s..22s: pause ap
      25s..30s: slow eu - us 300ms 5%
      12s: eu-1 set price/tea 300
      14s: ap-1 count stock/tea -2
      15s: ap-1 remove price/tea
      """;

  private Examples() {}
}
