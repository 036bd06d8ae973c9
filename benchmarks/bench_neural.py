"""Epochs of VAE and MADE, steps of GAN, flow and diffusion against PyTorch, float32.

The same model, start, mini-batches and noise for both.

PyTorch is in no lock, and the peer is skipped where it is not installed. To compare, make an environment for it alone:
``python -m venv /tmp/peers && /tmp/peers/bin/pip install torch pytest-benchmark -e .``, then
``OMP_NUM_THREADS=1 /tmp/peers/bin/python tools/bench.py benchmarks/bench_neural.py``. "plain" is the same model without
the package's fused steps, in autograd as a chapter writes it, with autograd's own Adam.

On a busy machine ``OMP_NUM_THREADS=1 python benchmarks/bench_neural.py`` is steadier: the peers take turns within one
process, and the ratios of the best times are printed.
"""

import time

import autograd.numpy as np
import numpy
import pytest
from autograd import value_and_grad as autograd_value_and_grad
from autograd.misc.optimizers import adam

from mle_helpers.datasets import load_digits
from mle_helpers.neural import Adam, bernoulli_logits_logpmf, dense, init_mlp, mlp, train, value_and_grad

LATENT, HIDDEN, BATCH = 20, 400, 100
RING = 2 * numpy.column_stack([f(numpy.arange(8) * numpy.pi / 4) for f in (numpy.cos, numpy.sin)])


def digits(split="train"):
    return (load_digits(split)[0].reshape(-1, 784) >= 128).astype(numpy.float32)


def vae_start(rng):
    layers = {"encoder": (784, HIDDEN), "mu": (HIDDEN, LATENT), "log_var": (HIDDEN, LATENT)}
    return {name: init_mlp(sizes, rng) for name, sizes in layers.items()} | {
        "decoder": init_mlp([LATENT, HIDDEN, 784], rng)
    }


def ring(n, rng):
    return (RING[rng.integers(8, size=n)] + 0.05 * rng.standard_normal((n, 2))).astype(numpy.float32)


# --- VAE: the mean negative ELBO -------------------------------------------------------------------------------------


def negative_elbo(params, x, rng):
    hidden = dense(x, *params["encoder"][0], "tanh")
    mu, log_var = mlp(params["mu"], hidden), mlp(params["log_var"], hidden)
    z = mu + np.exp(log_var / 2) * rng.standard_normal(mu.shape, dtype=numpy.float32)
    reconstruction = bernoulli_logits_logpmf(mlp(params["decoder"], z), x)
    kl = np.sum(np.exp(log_var) + mu**2 - 1 - log_var, axis=1) / 2
    return -np.mean(reconstruction - kl)


def plain_negative_elbo(params, x, rng):
    def layer(x, weights_bias):
        return np.dot(x, weights_bias[0]) + weights_bias[1]

    hidden = np.tanh(layer(x, params["encoder"][0]))
    mu, log_var = layer(hidden, params["mu"][0]), layer(hidden, params["log_var"][0])
    z = mu + np.exp(log_var / 2) * rng.standard_normal(mu.shape, dtype=numpy.float32)
    logits = layer(np.tanh(layer(z, params["decoder"][0])), params["decoder"][1])
    reconstruction = np.sum(x * logits - np.logaddexp(0, logits), axis=1)
    kl = np.sum(np.exp(log_var) + mu**2 - 1 - log_var, axis=1) / 2
    return -np.mean(reconstruction - kl)


def vae_ours(epochs=1, seed=0):
    rng = numpy.random.default_rng(seed)
    params, data = vae_start(rng), digits()

    def run():
        """Trains, and returns the loss of the trained network on other images."""
        found, _ = train(negative_elbo, params, data, epochs=epochs, rng=rng, batch_size=BATCH, progress=False)
        return lambda x: negative_elbo(found, x, rng)

    return run


def vae_plain(epochs=1, seed=0):
    rng = numpy.random.default_rng(seed)
    params, data = vae_start(rng), digits()
    gradient = autograd_value_and_grad(plain_negative_elbo)

    def run():
        for _ in range(epochs):
            order = rng.permutation(len(data))
            batches = [data[order[i : i + BATCH]] for i in range(0, len(data), BATCH)]

            def step(p, i, batches=batches):
                return gradient(p, batches[i], rng)[1]

            adam(step, params, num_iters=len(batches), step_size=1e-3)

    return run


def torch_mlp(torch, layers, activation):
    """A PyTorch network with the weights of ours."""
    modules = []
    for weights, bias in layers:
        linear = torch.nn.Linear(*weights.shape)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(weights.T.copy()))
            linear.bias.copy_(torch.from_numpy(bias))
        modules += [linear, activation()]
    return torch.nn.Sequential(*modules[:-1])


def vae_torch(epochs=1, seed=0, fused=None):
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    rng = numpy.random.default_rng(seed)
    start, data = vae_start(rng), torch.from_numpy(digits())
    net = torch.nn.ModuleDict({name: torch_mlp(torch, layers, torch.nn.Tanh) for name, layers in start.items()})
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-3, fused=fused)

    def negative_elbo(x):
        hidden = torch.tanh(net["encoder"](x))
        mu, log_var = net["mu"](hidden), net["log_var"](hidden)
        z = mu + torch.exp(log_var / 2) * torch.from_numpy(rng.standard_normal(mu.shape, dtype=numpy.float32))
        logits = net["decoder"](z)
        cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        kl = torch.sum(torch.exp(log_var) + mu**2 - 1 - log_var) / 2
        return (cross_entropy + kl) / len(x)

    def run():
        for _ in range(epochs):
            order = torch.from_numpy(rng.permutation(len(data)))
            for i in range(0, len(data), BATCH):
                optimiser.zero_grad()
                negative_elbo(data[order[i : i + BATCH]]).backward()
                optimiser.step()
        return lambda x: float(negative_elbo(torch.from_numpy(x)).detach())

    return run


# --- GAN: one step of the discriminator, one of the generator --------------------------------------------------------


def discriminator_loss(critic, real, fake):
    log_real = bernoulli_logits_logpmf(mlp(critic, real, "relu"), 1)
    log_fake = bernoulli_logits_logpmf(mlp(critic, fake, "relu"), 0)
    return -np.mean(log_real) - np.mean(log_fake)


def generator_loss(generator, critic, noise):
    return -np.mean(bernoulli_logits_logpmf(mlp(critic, mlp(generator, noise, "relu"), "relu"), 1))


def gan_start(rng):
    return init_mlp([2, 64, 64, 2], rng), init_mlp([2, 64, 64, 1], rng)


def gan_ours(steps=50):
    rng = numpy.random.default_rng(0)
    generator, critic = gan_start(rng)
    move_generator, move_critic = Adam(generator, 1e-3), Adam(critic, 1e-3)
    critic_gradient, generator_gradient = value_and_grad(discriminator_loss), value_and_grad(generator_loss)

    def run():
        for _ in range(steps):
            noise = rng.standard_normal((256, 2), dtype=numpy.float32)
            move_critic.step(critic_gradient(critic, ring(256, rng), mlp(generator, noise, "relu"))[1])
            move_generator.step(generator_gradient(generator, critic, noise)[1])

    return run


def gan_torch(steps=50, fused=None):
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    rng = numpy.random.default_rng(0)
    generator, critic = (torch_mlp(torch, layers, torch.nn.ReLU) for layers in gan_start(rng))
    move_generator, move_critic = (torch.optim.Adam(net.parameters(), 1e-3, fused=fused) for net in (generator, critic))
    log_sigmoid = torch.nn.functional.logsigmoid

    def run():
        for _ in range(steps):
            noise = torch.from_numpy(rng.standard_normal((256, 2), dtype=numpy.float32))
            real = torch.from_numpy(ring(256, rng))
            move_critic.zero_grad()
            with torch.no_grad():
                fake = generator(noise)
            (-log_sigmoid(critic(real)).mean() - log_sigmoid(-critic(fake)).mean()).backward()
            move_critic.step()
            move_generator.zero_grad()
            (-log_sigmoid(critic(generator(noise))).mean()).backward()
            move_generator.step()

    return run


# --- MADE: an epoch of the page's network, a hidden layer and direct weights, all masked ------------------------------


def made_masks(pixels=784, hidden=500):
    j, m = numpy.arange(pixels), numpy.linspace(0, pixels - 2, hidden).astype(int)
    kept = j[:, None] <= m, m[:, None] < j, j[:, None] < j
    return [mask.astype(numpy.float32) for mask in kept]


def made_start(rng):
    return [*init_mlp([784, 500, 784], rng), numpy.zeros((784, 784), numpy.float32)]


def made_ours(batch=200):
    rng = numpy.random.default_rng(0)
    params, data, (into, out, direct) = made_start(rng), digits(), made_masks()

    def loss(theta, x, rng):
        (W, b), (V, c), U = theta
        hidden = dense(x, W * into, b, "tanh")
        logits = dense(hidden, V * out, c) + np.dot(x, U * direct)
        return -np.mean(bernoulli_logits_logpmf(logits, x))

    def run():
        train(loss, params, data, epochs=1, rng=rng, batch_size=batch, progress=False)

    return run


def made_torch(batch=200):
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    rng = numpy.random.default_rng(0)
    (W, b), (V, c), U = made_start(rng)
    W, b, V, c, U = (torch.nn.Parameter(torch.from_numpy(array.copy())) for array in (W, b, V, c, U))
    into, out, direct = (torch.from_numpy(mask) for mask in made_masks())
    data, optimiser = torch.from_numpy(digits()), torch.optim.Adam([W, b, V, c, U], lr=1e-3)
    cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits

    def run():
        order = torch.from_numpy(rng.permutation(len(data)))
        for i in range(0, len(data), batch):
            x = data[order[i : i + batch]]
            optimiser.zero_grad()
            hidden = torch.tanh(torch.addmm(b, x, W * into))
            logits = torch.addmm(c, hidden, V * out) + x @ (U * direct)
            (cross_entropy(logits, x, reduction="sum") / len(x)).backward()
            optimiser.step()

    return run


# --- flow and diffusion on 40 coordinates: one step of the pages' networks ---


def steps_of(loss, params, batch, steps=50):
    """Steps of Adam on `loss(params, *batch(rng))`."""
    rng, gradient, optimiser = numpy.random.default_rng(0), value_and_grad(loss), Adam(params)

    def run():
        for _ in range(steps):
            optimiser.step(gradient(params, *batch(rng))[1])

    return run


def torch_steps_of(torch, loss, parameters, batch, steps=50):
    rng, optimiser = numpy.random.default_rng(0), torch.optim.Adam(parameters, lr=1e-3)

    def run():
        for _ in range(steps):
            optimiser.zero_grad()
            loss(*(torch.from_numpy(array) for array in batch(rng))).backward()
            optimiser.step()

    return run


def flow_start():
    rng = numpy.random.default_rng(0)
    nets = [init_mlp([20, 128, 128, 40], rng) for _ in range(8)]
    for net in nets:
        net[-1][0][:] *= 0.1
    return nets


def flow_batch(rng):
    return (rng.standard_normal((128, 40), dtype=numpy.float32),)


def flow_ours():
    def loss(theta, x):
        a, b, log_det = x[:, 0::2], x[:, 1::2], 0.0
        for net in theta:
            stretch, shift = np.split(mlp(net, a, "relu"), 2, axis=1)
            s = 1.5 * np.tanh(stretch)
            a, b = b * np.exp(s) + shift, a
            log_det = log_det + np.sum(s, axis=1)
        z = np.concatenate([a, b], axis=1)
        return np.mean(np.sum(z**2, axis=1) / 2 - log_det)

    return steps_of(loss, flow_start(), flow_batch)


def flow_torch():
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    nets = torch.nn.ModuleList([torch_mlp(torch, net, torch.nn.ReLU) for net in flow_start()])

    def loss(x):
        a, b, log_det = x[:, 0::2], x[:, 1::2], 0.0
        for net in nets:
            out = net(a)
            s = 1.5 * torch.tanh(out[:, :20])
            a, b = b * torch.exp(s) + out[:, 20:], a
            log_det = log_det + s.sum(dim=1)
        return (torch.cat([a, b], dim=1).square().sum(dim=1) / 2 - log_det).mean()

    return torch_steps_of(torch, loss, nets.parameters(), flow_batch)


def diffusion_start():
    return init_mlp([66, 384, 384, 384, 40], numpy.random.default_rng(0))


def diffusion_batch(rng):
    """Noised coordinates, level's waves and label; signal, noise level and noise."""
    known = rng.standard_normal((128, 66), dtype=numpy.float32)
    sigma = rng.random((128, 1), dtype=numpy.float32)
    return known, numpy.sqrt(1 - sigma**2), sigma, rng.standard_normal((128, 40), dtype=numpy.float32)


def diffusion_ours():
    def loss(theta, known, alpha, sigma, noise):
        guess = sigma * known[:, :40] + alpha * mlp(theta, known, "relu")
        return np.mean(np.sum((noise - guess) ** 2, axis=1))

    return steps_of(loss, diffusion_start(), diffusion_batch)


def diffusion_torch():
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    net = torch_mlp(torch, diffusion_start(), torch.nn.ReLU)

    def loss(known, alpha, sigma, noise):
        guess = sigma * known[:, :40] + alpha * net(known)
        return (noise - guess).square().sum(dim=1).mean()

    return torch_steps_of(torch, loss, net.parameters(), diffusion_batch)


PEERS = {
    "VAE epoch 784-400-20": {"ours": vae_ours, "torch": vae_torch, "plain": vae_plain},
    "GAN 50 steps": {"ours": gan_ours, "torch": gan_torch},
    "MADE epoch 784-500-784": {"ours": made_ours, "torch": made_torch},
    "flow 50 steps": {"ours": flow_ours, "torch": flow_torch},
    "diffusion 50 steps": {"ours": diffusion_ours, "torch": diffusion_torch},
}


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("peer", ["ours", "torch"])
def bench_vae_trained(benchmark, seed, peer):
    """The whole training of the chapter, and where it ends: the mean test ELBO over ten draws of the noise."""
    benchmark.group = f"VAE 30 epochs, seed {seed}"
    loss = benchmark.pedantic({"ours": vae_ours, "torch": vae_torch}[peer](epochs=30, seed=seed), rounds=1)
    benchmark.extra_info["test_elbo_nats"] = round(-float(numpy.mean([loss(digits("test")) for _ in range(10)])), 2)


@pytest.mark.parametrize("name,peer", [(name, peer) for name, peers in PEERS.items() for peer in peers])
def bench_neural(benchmark, name, peer):
    benchmark.group = name
    benchmark.pedantic(PEERS[name][peer](), rounds=8, warmup_rounds=1)


if __name__ == "__main__":
    import sys

    for name, peers in PEERS.items():
        runs, best = {}, {}
        for peer, make in peers.items():
            try:
                runs[peer] = make()
                runs[peer]()
            except pytest.skip.Exception as missing:
                print(missing)
        for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 10):
            for peer, run in runs.items():
                start = time.process_time()
                run()
                best.setdefault(peer, []).append(time.process_time() - start)
        for peer, times in best.items():
            ratio = min(best["ours"]) / min(times)
            print(f"{name:22} {peer:6} {min(times):.4f} s of CPU at best; ours / {peer}: {ratio:.2f}")
