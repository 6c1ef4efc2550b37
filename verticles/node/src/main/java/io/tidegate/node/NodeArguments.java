package io.tidegate.node;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The options of {@code node} as service managers write them, read without picocli: its classes are
 * too old for the AOT cache, and loading them would be a tenth of a node's start. What is not
 * plainly an option with a value that fits, a question for help included, is picocli's to read and
 * to answer.
 */
final class NodeArguments {
  private NodeArguments() {}

  /** The command with its options set, or null when picocli has to read them. */
  static @Nullable NodeCommand read(String... arguments) {
    NodeCommand command = new NodeCommand();
    command.conf = Tidegate.home().resolve("conf");
    Set<String> seen = new HashSet<>();
    int at = 0;
    while (at < arguments.length) {
      String name = arguments[at++];
      String value;
      int equals = name.indexOf('=');
      if (equals >= 0) {
        value = name.substring(equals + 1);
        name = name.substring(0, equals);
      } else if (at < arguments.length) {
        value = arguments[at++];
      } else {
        return null;
      }
      if (!isPlain(value) || !seen.add(name) || !set(command, name, value)) {
        return null;
      }
    }
    return command;
  }

  /** Neither another option nor a file of arguments, and nothing to be unquoted. */
  private static boolean isPlain(String value) {
    return !value.isEmpty() && "-@\"'".indexOf(value.charAt(0)) < 0;
  }

  private static boolean set(NodeCommand command, String name, String value) {
    try {
      switch (name) {
        case "--conf" -> command.conf = Path.of(value);
        case "--port" -> command.port = Integer.valueOf(value);
        case "--management-port" -> command.managementPort = Integer.valueOf(value);
        case "--exit-with" -> command.exitWith = Long.valueOf(value);
        case "--roles" -> command.roles = roles(value);
        default -> {
          return false;
        }
      }
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static List<Role> roles(String value) {
    List<Role> roles = new ArrayList<>();
    for (String word : value.split(",", -1)) {
      roles.add(
          Arrays.stream(Role.values())
              .filter(role -> role.word().equalsIgnoreCase(word))
              .findFirst()
              .orElseThrow(IllegalArgumentException::new));
    }
    return roles;
  }
}
