namespace Dqn.Environments;

/// <summary>The games of <see cref="MinAtarEnvironment"/>, with their channels and the actions that matter in each.</summary>
public enum MinAtarGame
{
    /// <summary>
    /// Walk freely, touch gold (+1), avoid enemies, which end the episode. Both come from the sides, ever faster.
    /// Channels: player, enemy, trail, gold. Actions: none, left, up, right, down.
    /// </summary>
    Asterix,

    /// <summary>
    /// Keep the ball in play with a paddle; each brick that it breaks is +1, and a new wall follows the last brick. A lost
    /// ball ends the episode. Channels: paddle, ball, trail, brick. Actions: none, left, right.
    /// </summary>
    Breakout,

    /// <summary>
    /// Cross eight lanes of traffic, +1 each time; a car sends the chicken back. The episode ends after 2,501 steps.
    /// Channels: chicken, car, and the trails of cars that move every 2nd, 3rd, … 6th step. Actions: none, up, down.
    /// </summary>
    Freeway,

    /// <summary>
    /// Steer a submarine: shoot fish and submarines (+1 each), collect divers, and surface with them before the oxygen is
    /// used up, which with six on board is worth up to +10. Being hit, no oxygen, or surfacing without a diver ends the
    /// episode. Channels: front, back, own bullet, trail, enemy's bullet, fish, enemy submarine, oxygen, divers on board,
    /// diver. Actions: all six.
    /// </summary>
    Seaquest,

    /// <summary>
    /// Shoot the aliens (+1 each) before they or their bullets reach the cannon, which ends the episode. Fewer aliens move
    /// faster, and so does each new wave. Channels: cannon, alien, alien moving left, alien moving right, own bullet,
    /// enemy's bullet. Actions: none, left, right, fire.
    /// </summary>
    SpaceInvaders,
}
