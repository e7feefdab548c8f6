package io.starling.simulation.workload;

import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.value.Value;
import io.starling.replica.request.Mutation;
import io.starling.simulation.chance.Draws;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What happens in a shop with several branches:
///
/// | key | what |
/// |---|---|
/// | `stock/<item>` | a counter: sales take some out, deliveries put some in |
/// | `price/<item>` | a register: the latest price counts |
/// | `label/<item>` | a register that keeps what was written concurrently, for somebody to choose |
/// | `cart/<customer>` | a set of items |
/// | `order/<number>` | a document: customer, state, hints |
/// | `offer/<item>` | a flag: whether it is on offer |
final class ShopDraws implements Changes {

  private static final List<String> ITEMS =
      List.of("apples", "bread", "cheese", "coffee", "milk", "tea");
  private static final List<String> CUSTOMERS = List.of("ada", "ben", "cleo", "dan", "eve");
  private static final List<String> STATES = List.of("open", "paid", "packed", "sent");
  private static final int ORDERS = 12;

  private final Draws draws;
  private int written;

  ShopDraws(Draws draws) {
    this.draws = draws;
  }

  @Override
  public List<Mutation> transaction() {
    return switch (draws.below(10)) {
      case 0 -> delivery();
      case 1 -> List.of(price(draws.pick(ITEMS)));
      case 2 -> List.of(label(draws.pick(ITEMS)));
      case 3 -> List.of(offer(draws.pick(ITEMS)));
      case 4, 5, 6 -> List.of(cart(draws.pick(CUSTOMERS)));
      case 7 -> List.of(state(draws.below(ORDERS)));
      default -> sale();
    };
  }

  @Override
  public Mutation edit(String key, Optional<List<NamedTally>> seen) {
    var name = key.substring(key.indexOf('/') + 1);
    return switch (key.substring(0, key.indexOf('/'))) {
      case "stock" -> new Mutation.Increment(Path.of(key), -1);
      case "price" -> price(name);
      case "label" -> label(name);
      case "cart" -> draws.perMille(300) ? new Mutation.Remove(Path.of(key)) : cart(name);
      case "offer" -> offer(name);
      default -> state(Integer.parseInt(name));
    };
  }

  @Override
  public String key() {
    return switch (draws.below(6)) {
      case 0 -> "stock/" + draws.pick(ITEMS);
      case 1 -> "price/" + draws.pick(ITEMS);
      case 2 -> "label/" + draws.pick(ITEMS);
      case 3 -> "offer/" + draws.pick(ITEMS);
      case 4 -> "cart/" + draws.pick(CUSTOMERS);
      default -> "order/" + draws.below(ORDERS);
    };
  }

  private List<Mutation> delivery() {
    return List.of(new Mutation.Increment(stock(draws.pick(ITEMS)), draws.between(5, 20)));
  }

  /// An order, and what it takes out of the stock.
  private List<Mutation> sale() {
    var item = draws.pick(ITEMS);
    int pieces = draws.between(1, 3);
    var order = new TreeMap<String, Value>();
    order.put("customer", new Value.Text(draws.pick(CUSTOMERS)));
    order.put("item", new Value.Text(item));
    order.put("state", new Value.Text("open"));
    return List.of(
        new Mutation.Merge(order(draws.below(ORDERS)), new Value.Struct(order), false),
        new Mutation.Increment(stock(item), -pieces));
  }

  private Mutation state(int order) {
    var now = Map.<String, Value>of("state", new Value.Text(draws.pick(STATES)));
    return new Mutation.Merge(order(order), new Value.Struct(new TreeMap<>(now)), false);
  }

  private Mutation price(String item) {
    var cents = new Value.Int(draws.between(50, 999));
    return new Mutation.Set(Path.of("price/" + item), cents, ReadRule.LATEST);
  }

  private Mutation label(String item) {
    var text = new Value.Text(item + " no. " + ++written);
    return new Mutation.Set(Path.of("label/" + item), text, ReadRule.ALL);
  }

  private Mutation offer(String item) {
    return new Mutation.SetFlag(Path.of("offer/" + item), draws.perMille(500));
  }

  private Mutation cart(String customer) {
    var path = Path.of("cart/" + customer);
    var item = new Value.Text(draws.pick(ITEMS));
    return draws.perMille(350)
        ? new Mutation.RemoveElement(path, item)
        : new Mutation.AddElement(path, item);
  }

  private static Path stock(String item) {
    return Path.of("stock/" + item);
  }

  private static Path order(int number) {
    return Path.of("order/" + number);
  }
}
