package dev.holdfast.agent.sandbox.microvm.guest;

/**
 * What a guest is told of its place in the network. IPv4 alone; nothing else of it is switched on.
 */
public record GuestNetwork(
    String address, String mac, String gateway, String gatewayMac, String nameserver) {
  private static final String IP = "[0-9]{1,3}(\\.[0-9]{1,3}){3}";
  private static final String CARD = "[0-9a-f]{2}(:[0-9a-f]{2}){5}";

  public GuestNetwork {
    if (!address.matches(IP)
        || !mac.matches(CARD)
        || !gateway.matches(IP)
        || !gatewayMac.matches(CARD)
        || !nameserver.matches(IP)) {
      throw new IllegalArgumentException(
          "not a place in a network: %s %s %s %s %s"
              .formatted(address, mac, gateway, gatewayMac, nameserver));
    }
  }

  String lines() {
    return """
    address %s
    mac %s
    gateway %s
    gateway-mac %s
    nameserver %s
    """
        .formatted(address, mac, gateway, gatewayMac, nameserver);
  }
}
