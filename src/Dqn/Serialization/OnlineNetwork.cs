namespace Dqn.Serialization;

/// <summary>
/// Which of several networks in a file is the one that acts, by the names that people give: the online network, not
/// the target network that follows it.
/// </summary>
internal static class OnlineNetwork
{
    private static readonly HashSet<string> s_online = new(StringComparer.OrdinalIgnoreCase)
    {
        "online", "online_net", "online_network", "online_q_net", "online_q_network", "online_model", "policy",
        "policy_net", "policy_network", "q_net", "q_network", "qnet", "qnetwork", "q_eval", "eval_net",
        "eval_network", "local", "qnetwork_local", "q_local", "main", "main_net", "main_network", "model", "net",
        "network", "state_dict", "model_state_dict", "model_state", "policy_net_state_dict", "policy_state_dict",
        "online_state_dict", "online_net_state_dict", "q_net_state_dict", "q_network_state_dict",
    };

    /// <summary>The index of the only one that is recognisable as the online network, or −1.</summary>
    /// <param name="names">What the names of each one's tensors begin with; dotted, or empty.</param>
    public static int Find(IReadOnlyList<string> names)
    {
        if (names.Count == 1)
            return 0;
        int online = Only(names, IsOnline);
        return online >= 0 ? online : Only(names, name => !IsTarget(name));
    }

    /// <summary>Whether a dotted name says that it is a target network's.</summary>
    public static bool IsTarget(string name) => name.Contains("target", StringComparison.OrdinalIgnoreCase)
        || name.Split('.', '_').Contains("tgt", StringComparer.OrdinalIgnoreCase);

    private static bool IsOnline(string name) => !IsTarget(name) && name.Split('.').Any(s_online.Contains);

    private static int Only(IReadOnlyList<string> names, Predicate<string> fits)
    {
        int found = -1;
        for (int i = 0; i < names.Count; i++)
        {
            if (!fits(names[i]))
                continue;
            if (found >= 0)
                return -1;
            found = i;
        }

        return found;
    }
}
